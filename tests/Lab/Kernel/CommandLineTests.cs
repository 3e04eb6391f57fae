using System.Diagnostics;
using Gateway.Protocol.Nfs3;

namespace Gateway.Lab.Kernel;

/// <summary>The command line as scripts use it: the ready line, clean ends, exit codes.</summary>
[TestFixture, Category("Lab")]
public sealed class CommandLineTests
{
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private Nasgate _nasgate = null!;

    [SetUp]
    public void MakeLab()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _nasgate = new Nasgate(_network, _directory);
    }

    [TearDown]
    public void RemoveLab()
    {
        _network.Dispose();
        _directory.Dispose();
    }

    [TestCase(Signals.Terminate)]
    [TestCase(Signals.Interrupt)]
    public async Task UpEndsCleanlyAndKeepsItsFiles(int signal)
    {
        using (var gateway = await _nasgate.UpAsync(_directory["data"]))
        {
            using (var share = _network.Mount(1))
            {
                var made = share.Create(share.Root, "kept");
                share.Write(made.Handle!.Value, 0, "content"u8, Nfs3Stability.Unstable);
                share.Commit(made.Handle.Value);
            }

            var asked = Stopwatch.GetTimestamp();
            gateway.Signal(signal);
            var code = await gateway.EndAsync(TimeSpan.FromSeconds(30));
            var took = Stopwatch.GetElapsedTime(asked);
            TestContext.Out.WriteLine($"measured: up ended in {took.TotalMilliseconds:0} ms");
            Assert.That(code, Is.Zero, gateway.Tail);
        }

        var started = Stopwatch.GetTimestamp();
        using var again = await _nasgate.UpAsync(_directory["data"]);
        var start = Stopwatch.GetElapsedTime(started);
        TestContext.Out.WriteLine($"measured: second start took {start.TotalMilliseconds:0} ms");
        using var second = _network.Mount(2);
        var found = second.Lookup(second.Root, "kept");
        Assert.That(second.Read(found.Handle, 0, 100).Content.SequenceEqual("content"u8));
    }

    [Test]
    public async Task TheReadyLineComesWithAMountCommandForThisMachine()
    {
        using var gateway = await _nasgate.UpAsync(_directory["data"]);
        var printed = await Poll.UntilAsync(
            () => gateway.Lines.Any(line => line.Contains("mount -t nfs", StringComparison.Ordinal)
                && line.Contains(LabNetwork.HostAddress + ":/files", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(2));

        Assert.That(printed, gateway.Tail);
    }

    [TestCase("up", "--nodes", "2")]
    [TestCase("up", "--nfs-port", "many")]
    [TestCase("up", "--listen", "nowhere")]
    [TestCase("up", "--no-such-option")]
    [TestCase("serve", "--data", "d", "--nodes", "a=1:2:3")]
    [TestCase("node", "--data", "d")]
    [TestCase("no-such-command")]
    public async Task AWrongOptionIsOneLineAndExitCodeTwo(params string[] arguments)
    {
        using var process = _nasgate.Start(arguments);
        var code = await process.EndAsync(TimeSpan.FromSeconds(20));

        Assert.That(code, Is.EqualTo(2), process.Tail);
        Assert.That(process.Lines.Count(line => line.Length > 0), Is.EqualTo(1), process.Tail);
    }

    [Test]
    public async Task StatusWithoutAGatewayFails()
    {
        var (code, output) = await _nasgate.RunAsync("status", "--json");

        Assert.That(code, Is.EqualTo(1), output);
    }

    [Test]
    public async Task OptionsComeFromTheEnvironmentAndAFileToo()
    {
        var config = _directory["config.json"];
        await File.WriteAllTextAsync(config, """{ "nfsPort": 3049, "httpPort": 8081 }""");
        using var gateway = _nasgate.Start(
            "up", "--data", _directory["data"], "--listen", LabNetwork.HostAddress, "--config", config);
        await gateway.LineAsync("nasgate: ready", Nasgate.StartMax);
        using var share = _network.Mount(1, 3049);

        Assert.That(share.GetAttributes(share.Root).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await _nasgate.RunAsync("status", "--json", "--http-port", "8081")).Code, Is.Zero);
    }
}
