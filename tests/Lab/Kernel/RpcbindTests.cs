namespace Gateway.Lab.Kernel;

/// <summary>The machine's own rpcbind, where the product has registered its programs.</summary>
[TestFixture, Category("Lab")]
public sealed class RpcbindTests
{
    private GuestReport _report = null!;

    [OneTimeSetUp]
    public async Task RunTheScript()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        // Its socket and lock are under /run: a /run of its own, so that the machine's rpcbind is left alone.
        using var rpcbind = new HostProcess(
            [.. network.Prefix, "sh", "-c", "mount -t tmpfs tmpfs /run && exec rpcbind -f"]);
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"]);
        using var guest = await GuestKernel.BootAsync(network, directory, "rpcbind.sh", memoryMebibytes: 256);
        _report = await guest.ReportAsync(TimeSpan.FromMinutes(3));
    }

    [TestCase("registered")]
    [TestCase("bare-mount")]
    public void Check(string name) => _report.AssertPassed(name);
}
