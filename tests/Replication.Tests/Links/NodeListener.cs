using System.Net;
using Gateway.Replication.Links;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Tests.Links;

/// <summary>A Kestrel listener on loopback with a node behind it.</summary>
internal sealed class NodeListener : IAsyncDisposable
{
    private readonly WebApplication _application;

    private NodeListener(WebApplication application, int port) => (_application, Port) = (application, port);

    public int Port { get; }

    public INodeConnector Connector => new TcpNodeConnector("127.0.0.1", Port);

    public static async Task<NodeListener> StartAsync(
        INodeRequests node, LinkTrust trust, int port = 0, ILogger<NodeConnectionHandler>? logger = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(new NodeConnectionHandler(
            new OneVolume(node), trust, TimeProvider.System,
            logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger<NodeConnectionHandler>.Instance));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, port, endpoint => endpoint.UseConnectionHandler<NodeConnectionHandler>()));
        var application = builder.Build();
        await application.StartAsync();
        var address = application.Services.GetRequiredService<IServer>().Features
            .Get<IServerAddressesFeature>()!.Addresses.Single();
        return new NodeListener(application, new Uri(address).Port);
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await _application.StopAsync(timeout.Token);
        await _application.DisposeAsync();
    }

}
