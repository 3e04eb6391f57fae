using System.Globalization;
using System.Text.Json;

namespace Gateway.Lab;

/// <summary>Three node processes, further ones that may join, and a gateway, each to be killed and started by itself.</summary>
internal sealed class LabCluster : IDisposable
{
    public const int NodeCount = 3;

    private const int NodesMax = 6;

    private const int FirstPort = 7001;

    private readonly LabDirectory _directory;
    private readonly HostProcess?[] _nodes = new HostProcess?[NodesMax];
    private HostProcess? _gateway;

    public LabCluster(LabNetwork network, LabDirectory directory)
    {
        _directory = directory;
        Nasgate = new Nasgate(network, directory);
    }

    public Nasgate Nasgate { get; }

    public HostProcess Gateway => _gateway ?? throw new InvalidOperationException("The gateway is not started.");

    public static string IdOf(int node) => string.Create(CultureInfo.InvariantCulture, $"n{node + 1}");

    /// <summary>Where a node listens for links.</summary>
    public static int PortOf(int node) => FirstPort + node;

    /// <summary>Where a node keeps everything.</summary>
    public string DataOf(int node) => Path.Combine(_directory[IdOf(node)], "data");

    /// <param name="gateway">Further options of the gateway.</param>
    public async Task StartAsync(params string[] gateway)
    {
        for (var node = 0; node < NodeCount; node++)
            await StartNodeAsync(node);
        await StartGatewayAsync(gateway);
    }

    public async Task StartNodeAsync(int node) =>
        _nodes[node] = await Nasgate.NodeAsync(IdOf(node), DataOf(node), PortOf(node));

    public async Task StartGatewayAsync(params string[] more)
    {
        var nodes = string.Join(
            ',', Enumerable.Range(0, NodeCount).Select(node => $"{IdOf(node)}=127.0.0.1:{PortOf(node)}"));
        _gateway = await Nasgate.ServeAsync(_directory["gateway"], nodes, more);
    }

    /// <summary>SIGTERM, and the clean end.</summary>
    public async Task StopNodeAsync(int node)
    {
        _nodes[node]!.Signal(Signals.Terminate);
        var code = await _nodes[node]!.EndAsync(TimeSpan.FromSeconds(10));
        Assert.That(code, Is.Zero, _nodes[node]!.Tail);
    }

    /// <summary>Makes a node hang, or go on.</summary>
    public void SignalNode(int node, int signal) => _nodes[node]!.Signal(signal);

    public Task KillNodeAsync(int node) => _nodes[node]!.KillAsync();

    public Task KillGatewayAsync() => Gateway.KillAsync();

    public async Task StopGatewayAsync()
    {
        Gateway.Signal(Signals.Terminate);
        var code = await Gateway.EndAsync(TimeSpan.FromSeconds(10));
        Assert.That(code, Is.Zero, Gateway.Tail);
    }

    /// <summary>SIGKILL to all before the first is waited for.</summary>
    public async Task KillEverythingAsync()
    {
        Gateway.Signal(Signals.Kill);
        var nodes = _nodes.OfType<HostProcess>().ToList();
        foreach (var node in nodes)
            node.Signal(Signals.Kill);
        await Task.WhenAll(nodes.Select(node => node.KillAsync()).Append(Gateway.KillAsync()));
    }

    /// <summary><c>nasgate node</c> with a verb and a node that joins, which is started before.</summary>
    public async Task JoinAsync(int node, params string[] verb)
    {
        await StartNodeAsync(node);
        await ChangeNodesAsync([.. verb, string.Create(CultureInfo.InvariantCulture, $"{IdOf(node)}=127.0.0.1:{PortOf(node)}")]);
    }

    /// <summary>Has the members changed by the command line.</summary>
    public async Task ChangeNodesAsync(params string[] arguments)
    {
        var (code, output) = await Nasgate.RunAsync(["node", .. arguments]);
        Assert.That(code, Is.Zero, output);
    }

    /// <summary>Waits until the volume has the members and no change is under way.</summary>
    public async Task MembersAsync(TimeSpan within, params int[] nodes)
    {
        var report = default(JsonElement);
        var reached = await Poll.UntilAsync(
            async () =>
            {
                report = (await Nasgate.StatusAsync()).GetProperty("volumes")[0];
                var ids = report.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("id").GetString());
                return report.GetProperty("change").ValueKind == JsonValueKind.Null
                    && ids.Order().SequenceEqual(nodes.Select(IdOf).Order());
            },
            within);
        Assert.That(reached, $"The members are not as wanted after {within.TotalSeconds} s: {report}\n{Gateway.Tail}");
    }

    /// <summary>Waits until every node is up and has everything, without asking for it.</summary>
    public async Task LevelAsync(TimeSpan within)
    {
        var report = "";
        var deadline = TimeProvider.System.GetUtcNow() + within;
        while (TimeProvider.System.GetUtcNow() < deadline)
        {
            var status = await Nasgate.StatusAsync();
            report = status.ToString();
            if (status.GetProperty("volumes").EnumerateArray().All(IsLevel))
                return;

            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        Assert.Fail($"The nodes are not level after {within.TotalSeconds} s: {report}\n{Gateway.Tail}");
    }

    /// <summary>Waits until a node is reported in a state.</summary>
    public async Task NodeReportedAsync(int node, string state, TimeSpan within)
    {
        var report = default(JsonElement);
        var reported = await Poll.UntilAsync(
            async () =>
            {
                report = await Nasgate.StatusAsync();
                return report.GetProperty("volumes")[0].GetProperty("nodes").EnumerateArray().Any(one =>
                    one.GetProperty("id").GetString() == IdOf(node) && one.GetProperty("state").GetString() == state);
            },
            within);
        Assert.That(reported, $"{IdOf(node)} is not {state} after {within.TotalSeconds} s: {report}\n{Gateway.Tail}");
    }

    public void Dispose()
    {
        _gateway?.Dispose();
        foreach (var node in _nodes)
            node?.Dispose();
    }

    /// <summary>Whether all nodes of a volume, as status tells it, have all that it has.</summary>
    public static bool IsLevel(JsonElement volume)
    {
        var committed = volume.GetProperty("committedIndex").GetUInt64();
        return volume.GetProperty("owedSlices").GetInt64() == 0
            && volume.GetProperty("nodes").EnumerateArray().All(
                node => node.GetProperty("state").GetString() == "up"
                    && node.GetProperty("matchIndex").GetUInt64() >= committed);
    }
}
