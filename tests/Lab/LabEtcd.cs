namespace Gateway.Lab;

/// <summary>One etcd in the network of a lab.</summary>
internal sealed class LabEtcd(LabNetwork network, LabDirectory directory) : IDisposable
{
    private const string ClientAddress = "http://127.0.0.1:2379";
    private const string PeerAddress = "http://127.0.0.1:2380";

    private HostProcess? _process;

    /// <summary>What makes a node or gateway use it.</summary>
    public static string[] Options => ["--control", "etcd=" + ClientAddress];

    public void Start() => _process = new HostProcess(
    [
        .. network.Prefix, "etcd", "--name", "m", "--data-dir", directory["etcd"],
        "--listen-client-urls", ClientAddress, "--advertise-client-urls", ClientAddress,
        "--listen-peer-urls", PeerAddress, "--initial-advertise-peer-urls", PeerAddress, "--initial-cluster", "m=" + PeerAddress,
    ]);

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _process.Dispose();
        _process = null;
    }

    public void Dispose() => _process?.Dispose();
}
