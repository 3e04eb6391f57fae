using System.Text.RegularExpressions;

namespace Gateway.Lab.Kernel;

/// <summary>The mount lines that the README and the program itself tell people work, from another machine.</summary>
[TestFixture, Category("Lab")]
public sealed class ReadmeTests
{
    private const string Mount = "/mnt/told";

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private LockingGuest _guest = null!;
    private string _password = "";

    [OneTimeSetUp]
    public async Task BootAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        var nasgate = new Nasgate(_network, _directory);
        _gateway = await nasgate.UpAsync(_directory["data"], "--portmap");
        var told = await _gateway.LineAsync("SMB user nas, password ", TimeSpan.FromSeconds(5));
        _password = told.Split(' ')[4];
        _guest = await LockingGuest.BootAsync(_network, _directory, await nasgate.AddUserAsync("lab"));
        await _guest.RunAsync($"mkdir {Mount}; export PASSWD={_password}");
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _guest.Dispose();
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task TheMountLinesOfTheReadmeWork()
    {
        var lines = MountLines(await File.ReadAllLinesAsync(Path.Combine(LabRun.Repository, "README.md")));
        Assert.That(lines, Has.Count.GreaterThanOrEqualTo(2));
        await MountEachAsync(lines);
    }

    [Test]
    public async Task TheMountLinesThatAreToldAtTheStartWork()
    {
        var lines = MountLines(_gateway.Lines);
        Assert.That(lines, Has.Count.EqualTo(3), _gateway.Tail);
        await MountEachAsync(lines);
    }

    private static List<string> MountLines(IEnumerable<string> lines) =>
        [.. lines.Where(line => Regex.IsMatch(line, @"^ +mount -t (nfs|cifs) .* /mnt$")).Select(line => line.Trim())];

    private async Task MountEachAsync(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var told = Regex.Replace(line.Replace("127.0.0.1", LabNetwork.HostAddress, StringComparison.Ordinal), "/mnt$", Mount);
            Assert.That(
                await _guest.RunAsync($"{told} && echo content > {Mount}/told && cat {Mount}/told && rm {Mount}/told && umount {Mount}"),
                Is.EqualTo("content\n"),
                told);
        }
    }
}
