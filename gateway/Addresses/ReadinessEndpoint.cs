using System.Net;
using Gateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Gateway.Addresses;

/// <summary>
/// Tells load balancers and Kubernetes over HTTP which gateway serves: <c>/ready</c>, <c>/ready/VOLUME</c>, <c>/live</c>. Reachable from
/// the network, so it says yes or no and nothing else.
/// </summary>
internal sealed class ReadinessEndpoint : IAsyncDisposable
{
    /// <summary>A gateway that does not know within this time whether it owns a volume does not serve it.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly WebApplication _application;

    private ReadinessEndpoint(WebApplication application) => _application = application;

    /// <summary>Whether a volume, or with null any, is served here.</summary>
    public delegate Task<bool> Serves(string? volume, CancellationToken cancellation);

    /// <exception cref="StartException">The port is in use.</exception>
    public static async Task<ReadinessEndpoint> ListenAsync(
        IPEndPoint listen, Serves serves, TimeProvider time, ILoggerFactory loggers)
    {
        var methods = new[] { HttpMethods.Get, HttpMethods.Head };
        var application = await HttpEndpoint.ListenAsync(
            listen,
            "readiness",
            routes =>
            {
                routes.MapMethods("/live", methods, () => Results.StatusCode(StatusCodes.Status200OK));
                routes.MapMethods("/ready", methods, (CancellationToken aborted) => AnswerAsync(serves, null, time, aborted));
                routes.MapMethods(
                    "/ready/{volume}",
                    methods,
                    (string volume, CancellationToken aborted) => AnswerAsync(serves, volume, time, aborted));
            },
            loggers);
        return new ReadinessEndpoint(application);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task<IResult> AnswerAsync(Serves serves, string? volume, TimeProvider time, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        try
        {
            var isReady = await serves(volume, ended.Token).WaitAsync(ended.Token);
            return Results.StatusCode(isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
