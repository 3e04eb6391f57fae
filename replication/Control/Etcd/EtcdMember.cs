using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

/// <summary>One member of etcd: asks it within a time limit, and with a token that is valid.</summary>
/// <remarks>Any thread.</remarks>
/// <param name="endpoint">Where it is; disposed with it.</param>
/// <param name="token">Shared by all members; null where none is needed.</param>
/// <param name="timeout">For one attempt.</param>
/// <param name="time">Of the time limit.</param>
/// <param name="logger">For when it begins and ceases to be silent.</param>
internal sealed class EtcdMember(
    GrpcEndpoint endpoint, EtcdToken? token, TimeSpan timeout, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>A member that has lost the others says so, and does not keep the request until they are back.</summary>
    private static readonly KeyValuePair<string, string> RequireLeader = new("hasleader", "true");

    private bool _isSilent;

    public Uri Address => endpoint.Address;

    /// <summary>One answer.</summary>
    /// <exception cref="GrpcException">There is none.</exception>
    public Task<byte[]> AskAsync(string method, byte[] request, CancellationToken cancellation) => AttemptAsync(
        async (proof, attempt) =>
        {
            using var call = await endpoint.CallAsync(method, request, Metadata(proof), timeout, attempt);
            var answer = await call.ReadAsync(attempt) ?? throw new GrpcException(GrpcStatus.Internal, "it answered with nothing");

            // Only the end says that it is meant.
            await call.ReadAsync(attempt);
            return answer;
        },
        cancellation);

    /// <summary>Answers without end; the time limit is for the first sign of them.</summary>
    /// <exception cref="GrpcException">It does not answer.</exception>
    public Task<GrpcCall> OpenAsync(string method, byte[] request, CancellationToken cancellation) => AttemptAsync(
        (proof, attempt) => endpoint.CallAsync(method, request, Metadata(proof), timeout: null, attempt), cancellation);

    public void Dispose() => endpoint.Dispose();

    private static IEnumerable<KeyValuePair<string, string>> Metadata(string proof) =>
        proof.Length == 0 ? [RequireLeader] : [RequireLeader, new("token", proof)];

    private async Task<T> AttemptAsync<T>(Func<string, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(timeout, time);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            var answer = await AskWithTokenAsync(ask, attempt.Token);
            if (Interlocked.Exchange(ref _isSilent, false)) Log.MemberAnswers(logger, Address);
            return answer;
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw Silent(new GrpcException(GrpcStatus.DeadlineExceeded, $"no answer in {timeout.TotalSeconds:0.#} s", error));
        }
        catch (GrpcException error) when (EtcdErrors.IsOfMember(error))
        {
            throw Silent(error);
        }
    }

    // Twice, when the first attempt only shows that the token is of no use any more.
    private async Task<T> AskWithTokenAsync<T>(Func<string, CancellationToken, Task<T>> ask, CancellationToken attempt)
    {
        if (token is null) return await ask("", attempt);

        var proof = await token.GetAsync(endpoint, refused: null, attempt);
        try
        {
            return await ask(proof, attempt);
        }
        catch (GrpcException error) when (EtcdErrors.IsTokenRefused(error))
        {
            return await ask(await token.GetAsync(endpoint, refused: proof, attempt), attempt);
        }
    }

    // Told once, not with every attempt while it lasts.
    private GrpcException Silent(GrpcException error)
    {
        if (!Interlocked.Exchange(ref _isSilent, true)) Log.MemberPassedOver(logger, Address, error.Message);
        return error;
    }
}
