using System.Globalization;

namespace Gateway.Lab.Kernel;

/// <summary>Two kernels, one file, locks between them.</summary>
[TestFixture, Category("Lab")]
public sealed class TwoClientsTests
{
    private const int Lines = 60;

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);

    [Test]
    public async Task NoLineIsLostWhenTwoClientsAppendUnderLock()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--portmap");
        var variables = new Dictionary<string, string> { ["LAB_LINES"] = Lines.ToString(CultureInfo.InvariantCulture) };
        using var one = await GuestKernel.BootAsync(network, directory, "append.sh", variables, 256);
        using var two = await GuestKernel.BootAsync(network, directory, "append.sh", variables, 256);
        var ready = await one.MarkedAsync("ready", StepMax) && await two.MarkedAsync("ready", StepMax);
        one.Go("append");
        two.Go("append");
        var reports = await Task.WhenAll(one.ReportAsync(StepMax), two.ReportAsync(StepMax));

        Assert.That(ready);
        foreach (var report in reports)
        {
            report.AssertPassed("mount");
            report.AssertPassed("append");
        }

        var expected = from guest in new[] { 1, 2 }
                       from line in Enumerable.Range(0, Lines)
                       select string.Create(CultureInfo.InvariantCulture, $"{LabNetwork.AddressOf(guest)} {line}");
        Assert.That(ReadLog(network), Is.EquivalentTo(expected));
    }

    private static string[] ReadLog(LabNetwork network)
    {
        using var share = network.Mount(1);
        var log = share.Lookup(share.Root, "log").Handle;
        return System.Text.Encoding.ASCII.GetString(share.Read(log, 0, 1 << 20).Content).Split('\n')[..^1];
    }
}
