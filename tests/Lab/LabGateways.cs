namespace Gateway.Lab;

/// <summary>Two gateways on three nodes and etcd, in a network of their own; both reached at the same address.</summary>
internal sealed class LabGateways : IDisposable
{
    public const int Count = 2;

    private readonly LabDirectory _directory = new();
    private readonly HostProcess?[] _nodes = new HostProcess?[LabCluster.NodeCount];
    private readonly bool _withWitness;
    private readonly bool _withSmb;
    private readonly HostProcess?[] _gateways = new HostProcess?[Count];
    private readonly LabEtcd _etcd;

    /// <param name="withWitness">The last node is one.</param>
    /// <param name="withSmb">The gateways serve it too.</param>
    public LabGateways(bool withWitness = false, bool withSmb = false)
    {
        (_withWitness, _withSmb) = (withWitness, withSmb);
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

    /// <summary>Where clients reach a gateway over SMB.</summary>
    public static int SmbPortOf(int gateway) => SmbTarget.Port + gateway;

    /// <summary>The port of a gateway's administration.</summary>
    public static string HttpPortOf(int gateway) => $"{8080 + gateway}";

    public async Task StartAsync()
    {
        _etcd.Start();
        for (var node = 0; node < LabCluster.NodeCount; node++) await StartNodeAsync(node);
        for (var gateway = 0; gateway < Count; gateway++) Serve(gateway);
    }

    /// <summary>Starts a node with the data that it has.</summary>
    /// <param name="node">Its number, from 0.</param>
    /// <param name="address">Where; null for where nodes are otherwise.</param>
    public async Task StartNodeAsync(int node, string? address = null)
    {
        string[] role = _withWitness && node == LabCluster.NodeCount - 1 ? ["--witness"] : [];
        _nodes[node] = await Nasgate.NodeAtAsync(
            LabCluster.IdOf(node), DataOf(node), address ?? $"127.0.0.1:{LabCluster.PortOf(node)}", [.. LabEtcd.Options, .. role]);
    }

    /// <summary>Kills a node.</summary>
    /// <param name="node">Its number, from 0.</param>
    /// <param name="wipe">Its disk dies with it.</param>
    public async Task KillNodeAsync(int node, bool wipe = false)
    {
        await _nodes[node]!.KillAsync();
        _nodes[node]!.Dispose();
        _nodes[node] = null;
        if (wipe) Directory.Delete(DataOf(node), recursive: true);
    }

    /// <summary>What a gateway says of a volume; null when it does not.</summary>
    public async Task<System.Text.Json.JsonElement?> VolumeAsync(int gateway, string volume)
    {
        if (this[gateway].HasExited) return null;

        // A process that hangs accepts connections and answers nothing.
        var (code, output) = await Nasgate.RunAsync("status", "--json", "--http-port", HttpPortOf(gateway));
        if (code != 0) return null;

        using var document = System.Text.Json.JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var found = document.RootElement.GetProperty("volumes").EnumerateArray()
            .Where(one => one.GetProperty("name").GetString() == volume).ToList();
        return found.Count == 0 ? null : found[0].Clone();
    }

    /// <summary>Starts a gateway, again when it has run before.</summary>
    public void Serve(int gateway)
    {
        _gateways[gateway]?.Dispose();
        _gateways[gateway] = Nasgate.Start(
        [
            "serve", "--id", $"gw{gateway}", "--data", _directory[$"gw{gateway}"], "--listen", LabNetwork.HostAddress,
            "--nfs-port", $"{PortOf(gateway)}", "--http-port", HttpPortOf(gateway), "--smb-port",
            _withSmb ? $"{SmbPortOf(gateway)}" : "none", .. LabEtcd.Options,
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
        foreach (var process in _gateways.Concat(_nodes).OfType<HostProcess>()) process.Dispose();
        _etcd.Dispose();
        Network.Dispose();
        _directory.Dispose();
    }

    private async Task<(string? Role, string? State)> StandingAsync(int gateway, string volume) =>
        await VolumeAsync(gateway, volume) is { } found
            ? (found.GetProperty("role").GetString(), found.GetProperty("state").GetString())
            : default;

    private string DataOf(int node) => Path.Combine(_directory[LabCluster.IdOf(node)], "data");
}
