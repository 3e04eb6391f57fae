using System.Net;
using System.Net.Sockets;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Locks;
using Gateway.Replication.Store;
using Gateway.Tests.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Locks;

/// <summary>Lock manager and status monitor over a volume in memory, and client machines at 127.0.0.2 and on.</summary>
public abstract class LockFixture
{
    private readonly List<LockClientHost> _clients = [];
    private MemoryVolumeStore _store = null!;
    private RpcHost _host = null!;
    private int _portmapPort;

    private protected FileTree Tree { get; private set; } = null!;

    private protected LockServer Server { get; private set; } = null!;

    private protected RpcHost Host => _host;

    /// <summary>Two client machines, there from the start.</summary>
    private protected LockClientHost One => _clients[0];

    private protected LockClientHost Two => _clients[1];

    /// <summary>Handle of a file that anybody may read and write.</summary>
    private protected byte[] Handle { get; private set; } = [];

    private protected virtual ExportOptions Export { get; } = ExportOptions.Default("files");

    [SetUp]
    public async Task StartAsync()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _portmapPort = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        _store = new MemoryVolumeStore();
        await StartServerAsync();
        var created = await Tree.CreateAsync(
            Tree.Root, "file"u8, CreateMode.Guarded, new AttributeChanges { Mode = 0x1B6 }, 0, Caller.Root);
        Assert.That(created.Status, Is.EqualTo(FileStatus.Ok));
        var found = await Tree.LookupAsync(Tree.Root, "file"u8, Caller.Root);
        Handle = new byte[HandleSeal.HandleBytes];
        Tree.Handles.Seal(found.Attributes.Node, Handle);
        Client(2, "one.example");
        Client(3, "two.example");
    }

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
        _clients.Clear();
        await StopServerAsync();
    }

    private protected LockClientHost Client(int last, string name) => Client(IPAddress.Parse($"127.0.0.{last}"), name);

    private protected LockClientHost Client(IPAddress address, string name)
    {
        var client = new LockClientHost(_host, address, _portmapPort, name);
        _clients.Add(client);
        return client;
    }

    private protected async Task RestartAsync()
    {
        foreach (var client in _clients) client.Disconnect();
        await StopServerAsync();
        await StartServerAsync();
        foreach (var client in _clients) client.Server = _host;
    }

    private async Task StartServerAsync()
    {
        Tree = await FileTree.OpenAsync(
            _store, new FileTreeOptions { BackgroundPeriod = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance);
        var exports = new ExportTable([Export], new Dictionary<string, FileTree> { ["files"] = Tree });
        var timings = new GrantTimings
        {
            AttemptMax = TimeSpan.FromSeconds(2),
            RetryFirst = TimeSpan.FromMilliseconds(30),
            RetryMax = TimeSpan.FromMilliseconds(100),
            AttemptsMax = 8,
        };
        var callbacks = new GrantCallbacks(timings, TimeProvider.System, NullLogger<GrantCallbacks>.Instance)
        {
            PortmapPort = _portmapPort,
        };
        Server = new LockServer(exports, callbacks, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.That(await Server.OpenAsync(Tree), Is.EqualTo(FileStatus.Ok));
        _host = await RpcHost.StartAsync([.. Server.Programs]);
    }

    private async Task StopServerAsync()
    {
        await _host.DisposeAsync();
        await Server.DisposeAsync();
        await Tree.DisposeAsync();
    }
}
