using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// Asks etcd's members, one of them as long as it answers. A read goes on to the next when one fails. A request that changes
/// something does so only when it is certain that it was not executed: after a lost answer nobody but the caller can tell
/// what to do.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class EtcdClient : IDisposable
{
    /// <summary>Between two rounds through all members.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly EtcdToken? _token;
    private readonly EtcdMember[] _members;
    private int _preferred;

    /// <exception cref="ControlPlaneException">A certificate or key cannot be read.</exception>
    public EtcdClient(EtcdOptions options, TimeProvider time, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.Endpoints.Count);
        (_timeout, _time) = (options.CallTimeout, time);
        var tls = EtcdTransport.ReadCertificates(options);
        _token = options.Credentials is null ? null : new EtcdToken(options.Credentials, options.AttemptTimeout);
        _members =
        [
            .. options.Endpoints.Select(address => new EtcdMember(
                new GrpcEndpoint(address, EtcdTransport.Connect(tls)), _token, options.AttemptTimeout, time, logger)),
        ];
    }

    /// <summary>Asks for one answer.</summary>
    /// <param name="method"><c>/etcdserverpb.Service/Method</c>.</param>
    /// <param name="request">The message.</param>
    /// <param name="repeatable">Executed twice, by one member or by two, it does no harm.</param>
    /// <param name="cancellation">Of the wait; what is under way may be executed or not.</param>
    /// <exception cref="ControlPlaneException">etcd refused, or it is unknown whether the request was executed.</exception>
    public Task<byte[]> AskAsync(string method, byte[] request, bool repeatable, CancellationToken cancellation) =>
        TryMembersAsync(member => member.AskAsync(method, request, cancellation), repeatable, cancellation);

    /// <summary>Asks for answers without end.</summary>
    /// <exception cref="ControlPlaneException">etcd refused, or nobody answered.</exception>
    public Task<GrpcCall> OpenAsync(string method, byte[] request, CancellationToken cancellation) =>
        TryMembersAsync(member => member.OpenAsync(method, request, cancellation), repeatable: true, cancellation);

    public void Dispose()
    {
        foreach (var member in _members) member.Dispose();
        _token?.Dispose();
    }

    private async Task<T> TryMembersAsync<T>(Func<EtcdMember, Task<T>> ask, bool repeatable, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var preferred = Volatile.Read(ref _preferred);
            try
            {
                return await ask(_members[preferred]);
            }
            catch (GrpcException error)
            {
                if (!EtcdErrors.IsOfMember(error)) throw new ControlPlaneException($"etcd refused: {error.Message}", error);

                Interlocked.CompareExchange(ref _preferred, (preferred + 1) % _members.Length, preferred);
                if (!repeatable && !EtcdErrors.WasNotExecuted(error)) throw Lost(_members[preferred], error);
                if (_time.GetElapsedTime(began) > _timeout) throw Silence(error);
            }

            if (attempt % _members.Length == 0) await Task.Delay(Pause, _time, cancellation);
        }
    }

    private static ControlPlaneException Lost(EtcdMember member, GrpcException error) =>
        new($"etcd at {member.Address} may have made the change or not: {error.Message}", error);

    private ControlPlaneException Silence(GrpcException error) =>
        new($"etcd does not answer at {string.Join(", ", _members.Select(member => member.Address))}: {error.Message}", error);
}
