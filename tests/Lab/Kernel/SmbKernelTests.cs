using System.Globalization;

namespace Gateway.Lab.Kernel;

/// <summary>What people do with a share over SMB, by the Linux kernel's own client, in every dialect and protection.</summary>
[TestFixture, Category("Lab")]
public sealed class SmbKernelTests
{
    private const int FileCount = 50_000;

    private static readonly TimeSpan ScriptMax = TimeSpan.FromMinutes(18);

    private static readonly string[] Modes =
    [
        "3.1.1:plain", "3.1.1:sign", "3.1.1:seal", "3.0.2:plain", "3.0.2:sign", "3.0.2:seal", "3.0:plain", "3.0:sign", "3.0:seal",
        "2.1:plain", "2.1:sign", "2.0:plain", "2.0:sign",
    ];

    private static readonly string[] Checks =
        ["mount", "copy", "git", "fio", "many", "symlinks", "rename", "locks", "attributes", "unmount"];

    private GuestReport _report = null!;

    private static IEnumerable<string> Names =>
        from mode in Modes
        from check in Checks
        select $"{mode.Replace(':', '-')}.{check}";

    [OneTimeSetUp]
    public async Task RunTheScript()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);

        // Clients that do not sign must be let in to try what is plain.
        using var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445", "--smb-signing", "enabled");
        var user = await nasgate.AddUserAsync("lab");
        using (var share = network.Mount(1))
            ManyFiles.Create(share, "many", FileCount);
        using var guest = await GuestKernel.BootAsync(
            network,
            directory,
            "smb.sh",
            new Dictionary<string, string>
            {
                ["LAB_FILES"] = FileCount.ToString(CultureInfo.InvariantCulture),
                ["LAB_MODES"] = string.Join(',', Modes),
                ["LAB_CREDENTIALS"] = user.CredentialsFile,
            });
        _report = await guest.ReportAsync(ScriptMax);
        TestContext.Out.WriteLine(_report.Output);
    }

    [TestCaseSource(nameof(Names))]
    public void Check(string name) => _report.AssertPassed(name);
}
