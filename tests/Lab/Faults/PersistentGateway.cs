using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>The product with a continuous share, to be killed and started again on its data.</summary>
internal sealed class PersistentGateway : IDisposable
{
    public const string Share = "lasting";

    private static readonly string[] Options = ["--portmap", "--smb-port", "445", "--shares", $"files,{Share}=:continuous"];

    private readonly Nasgate _nasgate;
    private readonly string _data;
    private HostProcess _process;

    private PersistentGateway(Nasgate nasgate, string data, HostProcess process, SmbTarget target) =>
        (_nasgate, _data, _process, Target) = (nasgate, data, process, target);

    public SmbTarget Target { get; }

    /// <summary>The end of what it has logged.</summary>
    public string LastWords => HostCommand.Try("sh", "-c", $"cat '{_data}'/logs/* | tail -n 30").Output;

    public static async Task<PersistentGateway> StartAsync(LabNetwork network, LabDirectory directory)
    {
        var nasgate = new Nasgate(network, directory);
        var process = await nasgate.UpAsync(directory["data"], Options);
        return new PersistentGateway(
            nasgate, directory["data"], process, new SmbTarget(network, await nasgate.AddUserAsync("lab")));
    }

    /// <summary>SIGKILL, and another process on the same data.</summary>
    public async Task FailOverAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    public async Task KillAsync()
    {
        await _process.KillAsync();
        _process.Dispose();
    }

    public async Task StartAsync() => _process = await _nasgate.UpAsync(_data, Options);

    /// <summary>A session of one of several clients.</summary>
    public SmbSession Open(int client = 1) =>
        Target.Open(
        new SmbSessionOptions { Client = new Guid(client, 0, 0, new byte[8]), ReplyMax = TimeSpan.FromMinutes(3) }, Share);

    public void Dispose() => _process.Dispose();
}
