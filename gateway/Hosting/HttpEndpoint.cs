using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>An HTTP port for machines that ask small questions: load balancers, Kubernetes, Prometheus.</summary>
internal static class HttpEndpoint
{
    /// <param name="listen">Address and port; reachable from the network.</param>
    /// <param name="purpose">What the port is for, in the words of an error.</param>
    /// <param name="map">What is answered where.</param>
    /// <param name="loggers">For what goes wrong.</param>
    /// <exception cref="StartException">The port is in use.</exception>
    public static async Task<WebApplication> ListenAsync(
        IPEndPoint listen, string purpose, Action<WebApplication> map, ILoggerFactory loggers)
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
        map(application);
        try
        {
            await application.StartAsync();
            return application;
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync();
            throw new StartException($"cannot listen on {listen} for {purpose}: {error.Message}", error);
        }
    }
}
