using System.Net;
using System.Net.Sockets;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Tests.Links;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Nodes with real disks behind real links on loopback, and owners of one volume over them.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    public static readonly LinkTrust Trust = new(ClusterSecret.FromKey(new byte[32]));

    private readonly string _root = Directory.CreateTempSubdirectory("volume-").FullName;
    private readonly TestNode[] _nodes;
    private readonly List<VolumeHost> _hosts = [];
    private int _rows;

    public TestCluster(int nodes = 3, bool large = false)
    {
        _nodes = [.. Enumerable.Range(0, nodes).Select(at =>
            new TestNode($"n{at}", Path.Combine(_root, $"n{at}"), large))];
        Control = EmbeddedControlPlane.Open(Path.Combine(_root, "control"));
    }

    public EmbeddedControlPlane Control { get; }

    public string RowsDirectory => Path.Combine(_root, $"rows{_rows}");

    public TestNode this[int node] => _nodes[node];

    public IReadOnlyList<TestNode> Nodes => _nodes;

    /// <summary>A directory that goes with the cluster.</summary>
    public string DirectoryOf(string name) => Path.Combine(_root, name);

    public async Task StartNodesAsync()
    {
        foreach (var node in _nodes) await node.StartAsync();
    }

    /// <summary>Rows of a machine that crashed: the next owner begins with none.</summary>
    public void LoseRows() => _rows++;

    public async Task<VolumeHost> OpenAsync(Func<ReplicationOptions, ReplicationOptions>? change = null)
    {
        var options = new ReplicationOptions
        {
            Volume = "files",
            Nodes = [.. _nodes.Select(node => new NodeAddress(node.Name, "127.0.0.1", node.Port))],
            Trust = Trust,
            OwnerAddress = "test",
            RowsDirectory = RowsDirectory,
            ScrubBytesPerSecond = 0,
        };
        var host = new VolumeHost(
            change?.Invoke(options) ?? options, Control, BootTimeProvider.Instance, TestLog.Instance);
        _hosts.Add(host);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await host.StartAsync(timeout.Token);
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        foreach (var node in _nodes) await node.StopAsync();
        Control.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    public static async Task PutAsync(IVolumeStore store, string key, byte[] value) =>
        Assert.That(await store.ExecuteAsync(new PutRow(key, value)), Is.EqualTo(StoreOutcome.Ok));

    public static byte[]? Get(IVolumeStore store, string key)
    {
        using var snapshot = store.OpenSnapshot();
        return snapshot.TryGet(System.Text.Encoding.UTF8.GetBytes(key), out var value) ? value.ToArray() : null;
    }

    /// <summary>Writes a slice of random bytes and references it.</summary>
    public static async Task<(SliceRef Slice, byte[] Bytes)> WriteAsync(IVolumeStore store, int bytes, int seed)
    {
        var data = new byte[bytes];
        new Random(seed).NextBytes(data);
        var written = await store.WriteSliceAsync(data);
        Assert.That(written.Outcome, Is.EqualTo(StoreOutcome.Ok));
        Assert.That(await store.ExecuteAsync(new ReferTo(written.Slice)), Is.EqualTo(StoreOutcome.Ok));
        return (written.Slice, data);
    }

    public static async Task CheckAsync(IVolumeStore store, SliceRef slice, byte[] bytes)
    {
        var read = new byte[bytes.Length];
        Assert.That(await store.ReadSliceAsync(slice, 0, read), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(read.AsSpan().SequenceEqual(bytes));
    }

    public static Task UntilAsync(Func<bool> condition, string what, int seconds = 60) =>
        UntilAsync(() => Task.FromResult(condition()), what, seconds);

    public static async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 60)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            if (timeout.IsCancellationRequested) Assert.Fail($"Not within {seconds} s: {what}");
            await Task.Delay(10);
        }
    }

    public sealed class PutRow(string key, byte[] value) : Mutation
    {
        public override void Execute(MutationContext context) =>
            context.Put(System.Text.Encoding.UTF8.GetBytes(key), value);
    }

    public sealed class ReferTo(SliceRef slice) : Mutation
    {
        public override void Execute(MutationContext context) => context.Reference(slice);
    }

    public sealed class Free(SliceRef slice) : Mutation
    {
        public override bool FreesSpace => true;

        public override void Execute(MutationContext context) => context.Discard(slice);
    }
}

/// <summary>One node of a <see cref="TestCluster"/>, on the same port whenever it runs.</summary>
internal sealed class TestNode(string name, string directory, bool large)
{
    private NodeListener? _listener;
    private BackendNode? _node;
    private int _port;

    public string Name { get; } = name;

    public string DataDirectory { get; } = directory;

    /// <summary>Chosen at its first start, or before that when it is asked for.</summary>
    public int Port => _port != 0 ? _port : _port = FreePort();

    /// <summary>Stands between the links and the node from its next start on.</summary>
    public Func<INodeRequests, INodeRequests> Through { get; set; } = requests => requests;

    public INodeRequests Requests => _node!.Requests;

    public async Task StartAsync()
    {
        var options = new BackendNodeOptions
        {
            Node = Name,
            DataDirectory = DataDirectory,
            Cluster = TestCluster.Trust.Cluster,
            JournalSegmentBytes = large ? 0 : 4 << 20,
            SliceSegmentBytes = large ? 0 : 16 << 20,
            Failed = error => TestContext.Error.WriteLine($"{Name}: {error}"),
        };
        _node = BackendNode.Open(options, BootTimeProvider.Instance, TestLog.Instance.CreateLogger<BackendNode>());
        _listener = await NodeListener.StartAsync(Through(_node.Requests), TestCluster.Trust, _port);
        _port = _listener.Port;
    }

    public async Task StopAsync()
    {
        if (_listener is not null) await _listener.DisposeAsync();
        _node?.Dispose();
        (_listener, _node) = (null, null);
    }

    public void Empty() => Directory.Delete(DataDirectory, recursive: true);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
