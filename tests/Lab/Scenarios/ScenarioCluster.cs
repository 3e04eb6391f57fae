using System.Globalization;
using System.Net;
using Gateway.Lab.Scenarios.Network;
using Gateway.NfsClient;

namespace Gateway.Lab.Scenarios;

/// <summary>etcd, three nodes on small disks, and two gateways, each on a host of its own; clients on two more.</summary>
internal sealed class ScenarioCluster : IDisposable
{
    public const int NodeCount = 3;
    public const int GatewayCount = 2;
    public const string Volume = "files";

    /// <summary>A share of the same files, with persistent handles.</summary>
    public const string ContinuousShare = "lasting";

    /// <summary>Where in <see cref="Processes"/> the gateways begin; etcd and the nodes are before them.</summary>
    public const int FirstGateway = 1 + NodeCount;

    public const int ProcessCount = FirstGateway + GatewayCount;

    /// <summary>Each process has one, in their order; the clients of NFS and those of SMB have one more each.</summary>
    public const int HostCount = ProcessCount + 2;

    private const int EtcdHost = 1;
    private const int FirstNodeHost = 2;
    private const int FirstGatewayHost = FirstNodeHost + NodeCount;
    private const int NodePort = 7000;
    private const int DiskMebibytes = 768;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly LabDirectory _directory = new();
    private readonly List<ScenarioProcess> _processes = [];
    private readonly GatewayStatus[] _statuses;
    private readonly string _clocks;

    private uint _clients;

    public ScenarioCluster()
    {
        _clocks = WallClock.Build(_directory);
        _processes.Add(new ScenarioProcess(NameOf(0), EtcdHost, StartEtcd));
        for (var node = 0; node < NodeCount; node++) _processes.Add(NewNode(node));
        for (var gateway = 0; gateway < GatewayCount; gateway++) _processes.Add(NewGateway(gateway));
        _statuses = [.. Gateways.Select(gateway => new GatewayStatus(Network, gateway.Host))];
    }

    /// <summary>Where clients of NFS are.</summary>
    public static int NfsHost => HostCount - 1;

    /// <summary>Where clients of SMB are.</summary>
    public static int SmbHost => HostCount;

    public static IReadOnlyList<IPEndPoint> NfsServers => ServersAt(Nasgate.NfsPort);

    public static IReadOnlyList<IPEndPoint> SmbServers => ServersAt(SmbTarget.Port);

    public SwitchedNetwork Network { get; } = new(HostCount);

    /// <summary>All that runs: etcd, the nodes, the gateways.</summary>
    public IReadOnlyList<ScenarioProcess> Processes => _processes;

    public IReadOnlyList<ScenarioProcess> Nodes => _processes.GetRange(1, NodeCount);

    public IReadOnlyList<ScenarioProcess> Gateways => _processes.GetRange(FirstGateway, GatewayCount);

    public SmbUser User { get; private set; } = null!;

    /// <summary>Ends of processes that nobody asked for.</summary>
    public IEnumerable<string> Ends => _processes.SelectMany(process => process.Ends);

    public string Tails => string.Join('\n', _processes.Select(process => process.Tail));

    /// <summary>The name of the process or clients that a host is for.</summary>
    /// <param name="place">Place in <see cref="Processes"/>, or behind them.</param>
    public static string NameOf(int place) => place switch
    {
        0 => "etcd",
        < FirstGateway => string.Create(CultureInfo.InvariantCulture, $"n{place}"),
        < ProcessCount => string.Create(CultureInfo.InvariantCulture, $"gw{place - FirstGateway + 1}"),
        ProcessCount => "the NFS clients",
        _ => "the SMB clients",
    };

    /// <summary>The first transaction id of a client; the ids up to the next client's are all its own.</summary>
    public uint NextXid() => Interlocked.Increment(ref _clients) << 16;

    public async Task StartAsync()
    {
        foreach (var process in _processes) process.Start();
        foreach (var process in _processes.Skip(1)) await process.LineAsync("nasgate: ready", StartMax);
        await LevelAsync(StartMax);
        await AddUserAsync();
    }

    /// <summary>Undoes every fault: links, clocks, disks, processes; and waits until all have all again.</summary>
    public async Task RecoverAsync(TimeSpan within)
    {
        Network.Heal();
        for (var node = 0; node < NodeCount; node++) Empty(node);
        foreach (var process in _processes)
        {
            process.GoOn();
            if (process.Clock is { } clock) clock.Ahead = TimeSpan.Zero;
            process.Start();
        }

        await LevelAsync(within);
    }

    /// <summary>SIGKILL to nodes and gateways, all before the first is waited for.</summary>
    public Task KillAllAsync() => Task.WhenAll(_processes.Skip(1).Select(process => process.KillAsync()));

    /// <summary>Copies what nodes and gateways have on disk; none of them runs.</summary>
    public void KeepData()
    {
        foreach (var (data, copy) in DataAndCopies()) HostCommand.Run("cp", "-a", data, copy);
    }

    /// <summary>Puts back what was kept, as if nothing had happened since.</summary>
    public void PutBackData()
    {
        foreach (var (data, copy) in DataAndCopies())
        {
            Directory.Delete(data, recursive: true);
            HostCommand.Run("cp", "-a", copy, data);
        }
    }

    /// <summary>Takes all the room there is on a node's disk.</summary>
    public void Fill(int node) => DiskFiller.Fill(FillerOf(node));

    public void Empty(int node) => File.Delete(FillerOf(node));

    /// <summary>The gateway that serves the volume. It may just go to another one: recovered is not settled.</summary>
    /// <exception cref="TimeoutException">None did for a minute.</exception>
    public async Task<ScenarioProcess> OwnerAsync()
    {
        ScenarioProcess? owner = null;
        await Poll.UntilAsync(async () => (owner = await FindOwnerAsync()) is not null, StartMax);
        return owner ?? throw new TimeoutException($"Nobody serves the volume.\n{Tails}");
    }

    private async Task<ScenarioProcess?> FindOwnerAsync()
    {
        for (var gateway = 0; gateway < GatewayCount; gateway++)
        {
            if (await _statuses[gateway].VolumeAsync(Volume) is { IsServing: true }) return Gateways[gateway];
        }

        return null;
    }

    /// <summary>The volume, mounted from a gateway.</summary>
    public NfsShare Mount(ScenarioProcess gateway) => Network.Enter(NfsHost, () => NfsShare.Mount(
        new IPEndPoint(IPAddress.Parse(SwitchedNetwork.AddressOf(gateway.Host)), Nasgate.NfsPort), Nasgate.NfsPort, "/" + Volume, NextXid()));

    /// <summary>Every copy of everything is compared.</summary>
    public async Task<(bool Clean, string Output)> VerifyAsync()
    {
        var owner = await OwnerAsync();
        var (code, output) = await RunAsync(owner.Host, "verify", "--json");
        return (code == 0, output);
    }

    /// <summary>A command of the product, on a host.</summary>
    public async Task<(int? Code, string Output)> RunAsync(int host, params string[] arguments)
    {
        using var process = Run(host, null, arguments);
        var code = await process.EndAsync(StartMax);
        return (code, string.Join('\n', process.Lines));
    }

    public void Dispose()
    {
        foreach (var process in _processes) process.Dispose();
        foreach (var status in _statuses) status.Dispose();
        Network.Dispose();
        _directory.Dispose();
    }

    private static IReadOnlyList<IPEndPoint> ServersAt(int port) =>
        [.. Enumerable.Range(FirstGatewayHost, GatewayCount).Select(host => new IPEndPoint(IPAddress.Parse(SwitchedNetwork.AddressOf(host)), port))];

    private static string ControlOptions => string.Create(CultureInfo.InvariantCulture, $"etcd=http://{SwitchedNetwork.AddressOf(EtcdHost)}:2379");

    private async Task LevelAsync(TimeSpan within)
    {
        var level = await Poll.UntilAsync(IsLevelAsync, within);
        if (!level) throw new TimeoutException($"Not level after {within.TotalSeconds} s: {string.Join('\n', _statuses.Select(status => status.Last))}");
    }

    private async Task<bool> IsLevelAsync()
    {
        var all = new List<VolumeStanding?>();
        foreach (var status in _statuses) all.Add(await status.VolumeAsync(Volume));
        return all.Count(one => one is { IsServing: true, IsLevel: true }) == 1
            && all.Count(one => one is { IsStandby: true }) == GatewayCount - 1;
    }

    private HostProcess StartEtcd()
    {
        var client = $"http://{SwitchedNetwork.AddressOf(EtcdHost)}:2379";
        const string peer = "http://127.0.0.1:2380";
        return new HostProcess(
        [
            .. Network.PrefixOf(EtcdHost), "etcd", "--name", "m", "--data-dir", _directory["etcd"], "--log-level", "error",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "m=" + peer,
        ]);
    }

    private ScenarioProcess NewNode(int node)
    {
        var (name, host) = (NameOf(1 + node), FirstNodeHost + node);
        _directory.MountSmall(name, DiskMebibytes);
        var clock = new WallClock(_clocks, _directory[name + ".clock"]);
        return new ScenarioProcess(name, host, () => Run(
            host, clock, "node", "--id", name, "--data", Path.Combine(_directory[name], "data"),
            "--listen", $"{SwitchedNetwork.AddressOf(host)}:{NodePort}", "--control", ControlOptions))
        {
            Clock = clock,
        };
    }

    private ScenarioProcess NewGateway(int gateway)
    {
        var (name, host) = (NameOf(FirstGateway + gateway), FirstGatewayHost + gateway);
        var clock = new WallClock(_clocks, _directory[name + ".clock"]);
        return new ScenarioProcess(name, host, () => Run(
            host, clock, "serve", "--id", name, "--data", _directory[name], "--listen", SwitchedNetwork.AddressOf(host),
            "--smb-port", $"{SmbTarget.Port}", "--shares", $"{Volume},{ContinuousShare}=:continuous", "--control", ControlOptions))
        {
            Clock = clock,
        };
    }

    private HostProcess Run(int host, WallClock? clock, params ReadOnlySpan<string> arguments) => new(
        [.. Network.PrefixOf(host), LabRun.Program, .. arguments],
        new Dictionary<string, string>(clock?.Environment ?? new Dictionary<string, string>()) { ["NASGATE_SECRET_FILE"] = _directory["secret"] });

    private IEnumerable<(string Data, string Copy)> DataAndCopies() =>
        Nodes.Select(node => (Path.Combine(_directory[node.Name], "data"), _directory[node.Name + ".kept"]))
            .Concat(Gateways.Select(gateway => (_directory[gateway.Name], _directory[gateway.Name + ".kept"])));

    private string FillerOf(int node) => Path.Combine(_directory[Nodes[node].Name], "filler");

    private async Task AddUserAsync()
    {
        User = SmbUser.New(_directory, "lab");
        using var process = new HostProcess(
            [
                .. Network.PrefixOf(FirstGatewayHost), "sh", "-c", "printf '%s\\n' \"$0\" | \"$@\"", User.Password,
                LabRun.Program, "user", "add", User.Name, "--password-stdin",
            ],
            new Dictionary<string, string> { ["NASGATE_SECRET_FILE"] = _directory["secret"] });
        if (await process.EndAsync(StartMax) != 0) throw new InvalidOperationException(process.Tail);
    }
}
