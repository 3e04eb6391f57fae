using System.Diagnostics.Metrics;
using System.Net;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Hosting;
using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.Smb;
using Gateway.Smb.Authentication;
using Gateway.Smb.Connections;
using Gateway.Smb.Trees;
using Gateway.SmbClient;
using Gateway.Sockets;
using Gateway.Telemetry;
using Gateway.Tests.Users;
using Gateway.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Smb;

/// <summary>An SMB server on a free loopback port, inside the test's process, with a user and an empty volume in memory.</summary>
internal sealed class SmbHost : IAsyncDisposable
{
    public const string User = "alice";
    public const string Password = "Pass1word!";
    public const string Share = "files";
    public const string EncryptedShare = "secret";
    public const string ContinuousShare = "lasting";

    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ControlDirectory _control = new();
    private readonly SmbConnectionHandler _connections;
    private TcpEndpoint? _endpoint;

    private SmbHost(FileTree tree, SmbServerOptions options)
    {
        Tree = tree;
        Metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        var authenticator = new Authenticator(Users, "files.example.net", Metrics, TimeProvider.System, Log);
        List<Share> shares =
        [
            new Share { Name = Share, Files = tree },
            new Share { Name = EncryptedShare, Files = tree, EncryptData = true },
        ];
        if (options.OffersPersistent) shares.Add(new Share { Name = ContinuousShare, Files = tree, IsContinuous = true });
        Server = new SmbServer(options, new ShareTable([]), authenticator, new SidMap(tree.VolumeId), new TransferMemory(), Metrics, TimeProvider.System, Log);
        Server.OpenVolume(tree, shares);
        _connections = new SmbConnectionHandler(Server);
    }

    public static SmbServerOptions DefaultOptions { get; } = new() { ServerGuid = new Guid("c0ffee00-0000-0000-0000-000000000001"), ServerName = "FILES" };

    public FileTree Tree { get; }

    public GatewayMetrics Metrics { get; }

    public WarningLog Log { get; } = new();

    public SmbServer Server { get; }

    public UserDirectory Users => _control.Users();

    public int OpenConnections => _connections.OpenConnections;

    /// <param name="options">Null for the usual.</param>
    /// <param name="store">The volume; null for a new one.</param>
    public static async Task<SmbHost> StartAsync(SmbServerOptions? options = null, MemoryVolumeStore? store = null)
    {
        var tree = await FileTree.OpenAsync(
            store ?? new MemoryVolumeStore(), new FileTreeOptions { BackgroundPeriod = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance);
        await tree.SetAttributesAsync(tree.Root, new AttributeChanges { Mode = 0x1FF }, null, Caller.Root);
        var host = new SmbHost(tree, options ?? DefaultOptions);
        await host.Users.AddAsync(new NewUser(User, Password), default);
        await host.Users.AddAsync(new NewUser("bob", Password), default);
        host._endpoint = await TcpEndpoint.ListenAsync(
            new IPEndPoint(IPAddress.Loopback, 0), 100, host._connections.OnConnectedAsync, NullLoggerFactory.Instance, TcpTransport.Configure);
        return host;
    }

    /// <summary>A client that does what a client does, logged on, with the tree of the share.</summary>
    public SmbSession Open(int client, string user = User, string share = Share, params ushort[] dialects) => SmbSession.Open(
        _endpoint!.Address,
        user,
        Password,
        share,
        dialects.Length == 0 ? OptionsOf(client) : OptionsOf(client) with { Dialects = dialects });

    /// <summary>A connection of a client that has negotiated, and no more.</summary>
    public SmbSession Negotiate(int client)
    {
        var session = new SmbSession(_endpoint!.Address, OptionsOf(client));
        session.Negotiate();
        return session;
    }

    /// <summary>A further connection of its session.</summary>
    public SmbSession Bind(SmbSession session, int client)
    {
        var bound = new SmbSession(_endpoint!.Address, OptionsOf(client));
        bound.Negotiate();
        bound.Bind(session, User, Password).Require(NtStatus.Success);
        return bound;
    }

    public Task<SmbTestClient> ConnectAsync() => SmbTestClient.ConnectAsync(_endpoint!.Address);

    private static SmbSessionOptions OptionsOf(int client) =>
        new() { Client = new Guid(client, 0, 0, new byte[8]), ReplyMax = TimeSpan.FromSeconds(20) };

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await _endpoint.StopAsync(soon.Token);
            await _endpoint.DisposeAsync();
        }

        _connections.Dispose();
        await Tree.DisposeAsync();
        Metrics.Dispose();
        _control.Dispose();
        await _services.DisposeAsync();
    }
}
