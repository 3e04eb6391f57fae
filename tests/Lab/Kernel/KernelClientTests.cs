namespace Gateway.Lab.Kernel;

/// <summary>What people do with a share, by the Linux kernel's own client, with locks.</summary>
[TestFixture, Category("Lab")]
public sealed class KernelClientTests
{
    private const int FileCount = 100_000;

    private static readonly TimeSpan ScriptMax = TimeSpan.FromMinutes(18);

    private GuestReport _report = null!;

    [OneTimeSetUp]
    public async Task RunTheScript()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--portmap");
        using (var share = network.Mount(1))
            ManyFiles.Create(share, "many", FileCount);
        using var guest = await GuestKernel.BootAsync(
            network, directory, "kernel.sh", new Dictionary<string, string> { ["LAB_FILES"] = $"{FileCount}" });
        _report = await guest.ReportAsync(ScriptMax);
        TestContext.Out.WriteLine(_report.Output);
    }

    [TestCase("showmount")]
    [TestCase("bare-mount")]
    [TestCase("copy-tree")]
    [TestCase("build-program")]
    [TestCase("git-history")]
    [TestCase("fio-verify")]
    [TestCase("create-files")]
    [TestCase("many-files")]
    [TestCase("sqlite-two-processes")]
    [TestCase("sparse-file")]
    [TestCase("rename-over-open")]
    [TestCase("names-and-links")]
    [TestCase("remount-compare")]
    public void Check(string name) => _report.AssertPassed(name);
}
