using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Gateway.Hosting;

/// <summary>
/// One listening TCP port on Kestrel's socket transport, without HTTP. Each has a lifetime of its own, because
/// nodes listen before the gateway recovers and clients are let in only after it has.
/// </summary>
internal sealed class TcpEndpoint : IAsyncDisposable
{
    private static readonly ReceiveBlocks Blocks = new();

    private readonly KestrelServer _server;
    private readonly WebApplication _services;

    private TcpEndpoint(KestrelServer server, WebApplication services, IPEndPoint address)
    {
        _server = server;
        _services = services;
        Address = address;
    }

    /// <summary>Where it listens, with the port the system chose when port 0 was asked for.</summary>
    public IPEndPoint Address { get; }

    /// <param name="configure">Settings of the sockets; without it no more than TCP_NODELAY.</param>
    /// <exception cref="StartException">The address is in use, not ours or not allowed.</exception>
    public static async Task<TcpEndpoint> ListenAsync(
        IPEndPoint endPoint,
        int connectionsMax,
        ConnectionDelegate connection,
        ILoggerFactory loggers,
        Action<SocketTransportOptions>? configure = null)
    {
        var services = BuildServices(loggers, configure);
        var options = new KestrelServerOptions { ApplicationServices = services.Services };
        options.Limits.MaxConcurrentConnections = connectionsMax;
        ListenOptions? listening = null;
        options.Listen(endPoint, listen =>
        {
            listening = listen;
            listen.Run(context => connection(context));
        });

        var transport = services.Services.GetRequiredService<IConnectionListenerFactory>();
        var server = new KestrelServer(Options.Create(options), transport, loggers);
        try
        {
            await server.StartAsync(new NoHttp(), CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            server.Dispose();
            await services.DisposeAsync();
            throw new StartException($"cannot listen on {endPoint}: {error.Message}", error);
        }

        return new TcpEndpoint(server, services, listening?.IPEndPoint ?? endPoint);
    }

    /// <summary>Stops accepting, asks connections to end, and closes them when the token says so.</summary>
    public Task StopAsync(CancellationToken deadline) => _server.StopAsync(deadline);

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _services.DisposeAsync();
    }

    // Never run: only from its services does the socket transport take the memory it receives into.
    private static WebApplication BuildServices(ILoggerFactory loggers, Action<SocketTransportOptions>? configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseSockets(sockets =>
        {
            sockets.NoDelay = true;
            configure?.Invoke(sockets);
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>>(Blocks);
        return builder.Build();
    }

    // Kestrel insists on an application; no HTTP connection can reach it.
    private sealed class NoHttp : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public Task ProcessRequestAsync(IFeatureCollection context) => Task.CompletedTask;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }
    }
}
