namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// What proves to etcd who is asking. It is for a few minutes after its last use, and a member that starts anew
/// has forgotten it: who is told that it is not valid asks for another.
/// </summary>
/// <remarks>Any thread; only one asks at a time.</remarks>
internal sealed class EtcdToken(EtcdCredentials credentials, TimeSpan timeout) : IDisposable
{
    private const string AuthenticationIsOff = "etcdserver: authentication is not enabled";

    private readonly SemaphoreSlim _gate = new(1);
    private volatile string? _token;

    /// <param name="endpoint">Which is asked, if there is no token yet.</param>
    /// <param name="refused">One that is not valid any more; null if none was tried.</param>
    /// <param name="cancellation">Of the wait.</param>
    /// <returns>The token; empty when etcd asks for none.</returns>
    /// <exception cref="GrpcException">Nothing was answered, or the password is not right.</exception>
    public async ValueTask<string> GetAsync(GrpcEndpoint endpoint, string? refused, CancellationToken cancellation)
    {
        if (_token is { } known && known != refused) return known;

        await _gate.WaitAsync(cancellation);
        try
        {
            if (_token is { } other && other != refused) return other;

            return _token = await AuthenticateAsync(endpoint, cancellation);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<string> AuthenticateAsync(GrpcEndpoint endpoint, CancellationToken cancellation)
    {
        var request = EtcdRequests.Authenticate(credentials.User, credentials.Password);
        try
        {
            using var call = await endpoint.CallAsync("/etcdserverpb.Auth/Authenticate", request, [], timeout, cancellation);
            var answer = await call.ReadAsync(cancellation)
                ?? throw new GrpcException(GrpcStatus.Internal, "it answered with no token");
            await call.ReadAsync(cancellation);
            return AuthenticateAnswer.ParseToken(answer);
        }
        catch (GrpcException error) when (error.Message == AuthenticationIsOff)
        {
            return "";
        }
        catch (GrpcException error)
        {
            // Whatever it was, the request that the token is for was not sent.
            throw new GrpcException(error.Status, error.Message, error) { NeverSent = true };
        }
    }
}
