using System.Diagnostics;

namespace Gateway.Lab.Kernel;

/// <summary>NLM and NSM between two kernels: contention, waiting, deadlock, restarts of either side.</summary>
[TestFixture, Category("Lab")]
public sealed class LockTests
{
    private const string Held = "held";
    private const string Refused = "EAGAIN";

    private static readonly TimeSpan StepMax = TimeSpan.FromSeconds(60);

    // A kernel that waits asks again by itself after 30 s.
    private static readonly TimeSpan CallBackMax = TimeSpan.FromSeconds(20);

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private Nasgate _nasgate = null!;
    private HostProcess _gateway = null!;
    private LockingGuest _one = null!;
    private LockingGuest _two = null!;

    [OneTimeSetUp]
    public async Task BootAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _nasgate = new Nasgate(_network, _directory);
        _gateway = await StartAsync();
        _one = await LockingGuest.BootAsync(_network, _directory);
        _two = await LockingGuest.BootAsync(_network, _directory);
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _one.Dispose();
        _two.Dispose();
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task RangesExcludeEachOtherBetweenKernels()
    {
        Assert.That(await _one.LockAsync("r1", "ranges fcntl write 0 10 try"), Is.EqualTo(Held));
        Assert.That(await _two.LockAsync("r2", "ranges fcntl write 5 1 try"), Is.EqualTo(Refused));
        Assert.That(await _two.LockAsync("r3", "ranges fcntl read 9 5 try"), Is.EqualTo(Refused));
        Assert.That(await _two.LockAsync("r4", "ranges fcntl write 10 10 try"), Is.EqualTo(Held));
        Assert.That(await _one.LockAsync("r5", "ranges fcntl write 15 0 try"), Is.EqualTo(Refused));
        await _one.ReleaseAsync("r1");
        Assert.That(await _two.LockAsync("r6", "ranges fcntl read 0 10 try"), Is.EqualTo(Held));
        Assert.That(await _one.LockAsync("r7", "ranges fcntl read 0 10 try"), Is.EqualTo(Held), "readers share");
        Assert.That(await _one.LockAsync("r8", "ranges fcntl write 0 10 try"), Is.EqualTo(Refused));
    }

    [Test]
    public async Task WholeFilesExcludeEachOtherBetweenKernels()
    {
        Assert.That(await _one.LockAsync("f1", "whole flock write 0 0 try"), Is.EqualTo(Held));
        Assert.That(await _two.LockAsync("f2", "whole flock write 0 0 try"), Is.EqualTo(Refused));
        Assert.That(await _two.LockAsync("f3", "whole flock read 0 0 try"), Is.EqualTo(Refused));
        await _one.ReleaseAsync("f1");
        Assert.That(await _two.LockAsync("f4", "whole flock read 0 0 try"), Is.EqualTo(Held));
        Assert.That(await _one.LockAsync("f5", "whole flock read 0 0 try"), Is.EqualTo(Held));
        Assert.That(await _one.LockAsync("f6", "whole flock write 0 0 try"), Is.EqualTo(Refused));
    }

    [TestCase("fcntl"), TestCase("flock")]
    public async Task AWaitingProcessIsCalledWhenTheLockIsFree(string kind)
    {
        Assert.That(await _one.LockAsync(kind + 1, $"wait-{kind} {kind} write 0 0 try"), Is.EqualTo(Held));
        await _two.AskAsync(kind + 2, $"wait-{kind} {kind} write 0 0 wait");
        Assert.That(await _two.StateAsync(kind + 2, TimeSpan.FromSeconds(1)), Is.Null, "it waits");
        var released = Stopwatch.GetTimestamp();
        await _one.ReleaseAsync(kind + 1);

        Assert.That(await _two.StateAsync(kind + 2, CallBackMax), Is.EqualTo(Held));
        TestContext.Progress.WriteLine(
            $"measured: {kind} granted {Stopwatch.GetElapsedTime(released).TotalMilliseconds:0} ms after its release");
        Assert.That(await _one.LockAsync(kind + 3, $"wait-{kind} {kind} write 0 0 try"), Is.EqualTo(Refused));
    }

    [Test]
    public async Task ADeadlockBetweenKernelsIsRefused()
    {
        // Both read, and both want to write.
        foreach (var guest in new[] { _one, _two })
            Assert.That(await guest.RunAsync("exec 7<>$share/deadlock; flock -s -n 7 && echo ok"), Is.EqualTo("ok\n"));
        // Renamed within one file system: the answer appears with its content.
        await _one.RunAsync("{ flock -x 7; echo $? > $LAB_WORK/answer.d1; mv $LAB_WORK/answer.d1 $LAB_WORK/state.d1; } &");
        Assert.That(await _one.StateAsync("d1", TimeSpan.FromSeconds(1)), Is.Null, "it waits");
        var second = await _two.RunAsync("flock -x 7 || echo refused");

        Assert.That(second, Does.Contain("refused").And.Contain("deadlock").IgnoreCase);
        await _two.RunAsync("exec 7<&-");
        Assert.That(await _one.StateAsync("d1", StepMax), Is.EqualTo("0\n"));
    }

    [Test]
    public async Task LocksOutliveAGatewayThatIsKilled()
    {
        Assert.That(await _one.LockAsync("g1", "kept fcntl write 0 10 try"), Is.EqualTo(Held));
        Assert.That(await _one.LockAsync("g2", "kept-whole flock write 0 0 try"), Is.EqualTo(Held));
        await _gateway.KillAsync();
        _gateway.Dispose();
        _gateway = await StartAsync();

        Assert.That(await _two.LockAsync("g3", "kept fcntl write 0 1 try"), Is.EqualTo(Refused));
        Assert.That(await _two.LockAsync("g4", "kept-whole flock write 0 0 try"), Is.EqualTo(Refused));
        await _two.AskAsync("g5", "kept fcntl write 0 1 wait");
        await _one.ReleaseAsync("g1");
        Assert.That(await _two.StateAsync("g5", StepMax), Is.EqualTo(Held));
    }

    [Test]
    public async Task TheLocksOfAKernelThatRebootsAreFreed()
    {
        Assert.That(await _one.LockAsync("b1", "reboot fcntl write 0 10 try"), Is.EqualTo(Held));
        Assert.That(await _two.LockAsync("b2", "reboot fcntl write 20 10 try"), Is.EqualTo(Held));
        await _two.AskAsync("b3", "reboot fcntl write 0 10 wait");
        Assert.That(await _two.StateAsync("b3", TimeSpan.FromSeconds(1)), Is.Null, "it waits");
        await _one.ResetAsync();

        Assert.That(await _two.StateAsync("b3", StepMax), Is.EqualTo(Held), "the client has told of its restart");
        Assert.That(await _one.LockAsync("b4", "reboot fcntl write 20 1 try"), Is.EqualTo(Refused), "two's own stay");
    }

    private Task<HostProcess> StartAsync() => _nasgate.UpAsync(_directory["data"], "--portmap");
}
