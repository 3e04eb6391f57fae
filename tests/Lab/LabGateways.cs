namespace Gateway.Lab;

/// <summary>Two gateways on three nodes and etcd, in a network of their own; both reached at the same address.</summary>
internal sealed class LabGateways : IDisposable
{
    public const int Count = 2;

    private readonly LabDirectory _directory = new();
    private readonly List<HostProcess> _nodes = [];
    private readonly HostProcess?[] _gateways = new HostProcess?[Count];
    private readonly LabEtcd _etcd;

    public LabGateways()
    {
        _etcd = new LabEtcd(Network, _directory);
        Nasgate = new Nasgate(Network, _directory);
    }

    public LabNetwork Network { get; } = new();

    public Nasgate Nasgate { get; }

    public HostProcess this[int gateway] => _gateways[gateway]!;

    /// <summary>The last words of all gateways.</summary>
    public string Tails => string.Join('\n', _gateways.Select(gateway => gateway!.Tail));

    /// <summary>Where clients reach a gateway over NFS.</summary>
    public static int PortOf(int gateway) => Nasgate.NfsPort + gateway;

    /// <summary>The port of a gateway's administration.</summary>
    public static string HttpPortOf(int gateway) => $"{8080 + gateway}";

    public async Task StartAsync()
    {
        _etcd.Start();
        for (var node = 1; node <= LabCluster.NodeCount; node++)
            _nodes.Add(await Nasgate.NodeAsync($"n{node}", _directory[$"n{node}"], 7000 + node, LabEtcd.Options));
        for (var gateway = 0; gateway < Count; gateway++) Serve(gateway);
    }

    /// <summary>Starts a gateway, again when it has run before.</summary>
    public void Serve(int gateway)
    {
        _gateways[gateway]?.Dispose();
        _gateways[gateway] = Nasgate.Start(
        [
            "serve", "--id", $"gw{gateway}", "--data", _directory[$"gw{gateway}"], "--listen", LabNetwork.HostAddress,
            "--nfs-port", $"{PortOf(gateway)}", "--http-port", HttpPortOf(gateway), "--smb-port", "none", .. LabEtcd.Options,
        ]);
    }

    /// <summary>What the gateway is to the volume: "owner", "standby"…; null when it does not say.</summary>
    public async Task<string?> RoleAsync(int gateway, string volume) => (await StandingAsync(gateway, volume)).Role;

    /// <summary>The gateway that owns and serves the volume; waits until one does.</summary>
    public async Task<int> OwnerAsync(string volume, TimeSpan longest)
    {
        var owner = -1;
        var found = await Poll.UntilAsync(
            async () =>
            {
                for (var gateway = 0; gateway < Count; gateway++)
                {
                    if (await StandingAsync(gateway, volume) == ("owner", "serving")) owner = gateway;
                }

                return owner >= 0;
            },
            longest);
        Assert.That(found, Tails);
        return owner;
    }

    public void Dispose()
    {
        foreach (var process in _gateways.OfType<HostProcess>().Concat(_nodes)) process.Dispose();
        _etcd.Dispose();
        Network.Dispose();
        _directory.Dispose();
    }

    private async Task<(string? Role, string? State)> StandingAsync(int gateway, string volume)
    {
        if (this[gateway].HasExited) return default;

        // A process that hangs accepts connections and answers nothing.
        var (code, output) = await Nasgate.RunAsync("status", "--json", "--http-port", HttpPortOf(gateway));
        if (code != 0) return default;

        using var document = System.Text.Json.JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.GetProperty("volumes").EnumerateArray()
            .Where(one => one.GetProperty("name").GetString() == volume)
            .Select(one => (one.GetProperty("role").GetString(), one.GetProperty("state").GetString()))
            .FirstOrDefault();
    }
}
