using System.Net;
using Gateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
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
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers).AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.Listen(listen, endPoint => endPoint.Protocols = HttpProtocols.Http1);
            options.AddServerHeader = false;
            options.Limits.MaxConcurrentConnections = 100;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.MaxRequestHeadersTotalSize = 8 << 10;
            options.Limits.MaxRequestLineSize = 1 << 10;
            options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        });

        var application = builder.Build();
        var methods = new[] { HttpMethods.Get, HttpMethods.Head };
        application.MapMethods("/live", methods, () => Results.StatusCode(StatusCodes.Status200OK));
        application.MapMethods("/ready", methods, (CancellationToken aborted) => AnswerAsync(serves, null, time, aborted));
        application.MapMethods(
            "/ready/{volume}", methods, (string volume, CancellationToken aborted) => AnswerAsync(serves, volume, time, aborted));
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new StartException($"cannot listen on {listen} for readiness: {error.Message}", error);
        }

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
