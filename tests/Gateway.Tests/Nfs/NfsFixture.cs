using Gateway.FileSystem;
using Gateway.Nfs;
using Gateway.Nfs.Exports;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;
using Gateway.Replication.Store;
using Gateway.Tests.Rpc;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Nfs;

/// <summary>NFS and MOUNT over a volume in memory, on a real port, and a client that has mounted it as root.</summary>
public abstract class NfsFixture
{
    private readonly List<IDisposable> _connections = [];
    private RpcHost? _host;
    private FileTree? _tree;

    private protected MemoryVolumeStore Store { get; private set; } = new();

    private protected NfsConnection Client { get; private set; } = null!;

    private protected Nfs3Handle Root { get; private set; }

    private protected FileTree Tree => _tree!;

    private protected RpcHost Host => _host!;

    private protected ExportTable Table { get; private set; } = null!;

    private protected virtual IReadOnlyList<ExportOptions> Exports { get; } = [ExportOptions.Default("files")];

    [SetUp]
    public async Task StartAsync()
    {
        Store = new MemoryVolumeStore();
        await StartServerAsync();
    }

    [TearDown]
    public async Task StopAsync()
    {
        await StopServerAsync();
        Assert.That(Store.OpenSnapshots, Is.Zero, "a snapshot was left open");
    }

    /// <summary>Ends the server and starts another over the same volume, as after a crash.</summary>
    private protected async Task RestartAsync()
    {
        await StopServerAsync();
        await StartServerAsync();
    }

    private protected async Task<NfsConnection> ConnectAsync(RpcCredentials? credentials = null)
    {
        var connection = new NfsConnection(await Host.ConnectAsync(), credentials ?? NfsConnection.RootUser);
        _connections.Add(connection);
        return connection;
    }

    private async Task StartServerAsync()
    {
        _tree = await FileTree.OpenAsync(
            Store, new FileTreeOptions { BackgroundPeriod = TimeSpan.Zero }, TimeProvider.System, NullLogger.Instance);
        Table = new ExportTable(Exports, new Dictionary<string, FileTree> { ["files"] = _tree });
        _host = await RpcHost.StartAsync(new Nfs3Program(Table, TimeProvider.System), new MountProgram(Table));
        Client = await ConnectAsync();
        var (status, root) = await Client.MountAsync(Exports[0].Path);
        Assert.That(status, Is.EqualTo(MountStatus.Ok));
        Root = root;
    }

    private async Task StopServerAsync()
    {
        foreach (var connection in _connections) connection.Dispose();
        _connections.Clear();
        if (_host is not null) await _host.DisposeAsync();
        if (_tree is not null) await _tree.DisposeAsync();
    }
}
