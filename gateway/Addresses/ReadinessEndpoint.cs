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

    private readonly TimeProvider _time;
    private WebApplication? _application;
    private volatile Serves _serves = static (_, _) => Task.FromResult(false);

    private ReadinessEndpoint(TimeProvider time) => _time = time;

    /// <summary>Whether a volume, or with null any, is served here.</summary>
    public delegate Task<bool> Serves(string? volume, CancellationToken cancellation);

    /// <summary>
    /// Answers from now on, so that a process that still waits for others is known to live. It is not ready until
    /// <see cref="AnswerBy"/> says who knows.
    /// </summary>
    /// <exception cref="StartException">The port is in use.</exception>
    public static async Task<ReadinessEndpoint> ListenAsync(IPEndPoint listen, TimeProvider time, ILoggerFactory loggers)
    {
        var endpoint = new ReadinessEndpoint(time);
        var methods = new[] { HttpMethods.Get, HttpMethods.Head };
        endpoint._application = await HttpEndpoint.ListenAsync(
            listen,
            "readiness",
            routes =>
            {
                routes.MapMethods("/live", methods, () => Results.StatusCode(StatusCodes.Status200OK));
                routes.MapMethods("/ready", methods, (CancellationToken aborted) => endpoint.AnswerAsync(null, aborted));
                routes.MapMethods(
                    "/ready/{volume}",
                    methods,
                    (string volume, CancellationToken aborted) => endpoint.AnswerAsync(volume, aborted));
            },
            loggers);
        return endpoint;
    }

    /// <summary>Who knows what is served, from now on; it may be asked until the endpoint is disposed.</summary>
    public void AnswerBy(Serves serves) => _serves = serves;

    public async ValueTask DisposeAsync()
    {
        if (_application is not null) await _application.DisposeAsync();
    }

    private async Task<IResult> AnswerAsync(string? volume, CancellationToken aborted)
    {
        using var timeout = new CancellationTokenSource(AnswerTimeout, _time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, aborted);
        try
        {
            var isReady = await _serves(volume, ended.Token).WaitAsync(ended.Token);
            return Results.StatusCode(isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
    }
}
