namespace Gateway.Lab.Kernel;

/// <summary>One kernel that has the volume mounted over NFS and over SMB: its two clients know nothing of each other.</summary>
[TestFixture, Category("Lab")]
public sealed class BothMountsTests
{
    private const string Held = "held";
    private const string Refused = "EAGAIN";

    private static readonly TimeSpan Waits = TimeSpan.FromSeconds(1);

    // A kernel whose NLM request waits asks again by itself after 30 s.
    private static readonly TimeSpan CallBackMax = TimeSpan.FromSeconds(20);

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private LockingGuest _guest = null!;

    [OneTimeSetUp]
    public async Task BootAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        var nasgate = new Nasgate(_network, _directory);
        _gateway = await nasgate.UpAsync(_directory["data"], "--portmap", "--smb-port", "445");
        _guest = await LockingGuest.BootAsync(_network, _directory, await nasgate.AddUserAsync("lab"));
        Assert.That(await _guest.RunAsync("grep -c ' cifs ' /proc/mounts"), Is.EqualTo("1\n"));
        await _guest.RunAsync("umask 0");
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
    public async Task ALockOverSmbHoldsOffNfs()
    {
        Assert.That(await _guest.LockAsync("s1", Smb("one fcntl write 0 10 try")), Is.EqualTo(Held));
        Assert.That(await _guest.LockAsync("s2", "one fcntl write 5 1 try"), Is.EqualTo(Refused));
        Assert.That(await _guest.LockAsync("s3", "one fcntl read 9 5 try"), Is.EqualTo(Refused));
        Assert.That(await _guest.LockAsync("s4", "one fcntl write 10 10 try"), Is.EqualTo(Held));
        await _guest.AskAsync("s5", "one fcntl write 0 5 wait");
        Assert.That(await _guest.StateAsync("s5", Waits), Is.Null, "it waits");
        await _guest.ReleaseAsync("s1");
        Assert.That(await _guest.StateAsync("s5", CallBackMax), Is.EqualTo(Held));
    }

    [Test]
    public async Task ALockOverNfsHoldsOffSmb()
    {
        Assert.That(await _guest.LockAsync("n1", "two fcntl write 0 10 try"), Is.EqualTo(Held));
        Assert.That(await _guest.LockAsync("n2", Smb("two fcntl write 5 1 try")), Is.EqualTo(Refused));
        Assert.That(await _guest.LockAsync("n3", Smb("two fcntl write 10 10 try")), Is.EqualTo(Held));
        await _guest.AskAsync("n4", Smb("two fcntl write 0 5 wait"));
        Assert.That(await _guest.StateAsync("n4", Waits), Is.Null, "it waits");
        await _guest.ReleaseAsync("n1");
        Assert.That(await _guest.StateAsync("n4", CallBackMax), Is.EqualTo(Held));
    }

    [Test]
    public async Task ALockThatTheSmbClientKeptToItselfHoldsOffNfs()
    {
        // Opened before, so that the lock is all that NFS asks for.
        await _guest.RunAsync("exec 7<>$share/three");
        Assert.That(await _guest.LockAsync("k1", Smb("three flock write 0 0 try")), Is.EqualTo(Held));
        Assert.That(await _guest.RunAsync("flock -x -n 7 && echo held || echo refused"), Is.EqualTo("refused\n"));
        await _guest.ReleaseAsync("k1");
        Assert.That(await _guest.RunAsync("flock -x -w 20 7 && echo held || echo refused"), Is.EqualTo("held\n"));
        await _guest.RunAsync("exec 7<&-");
    }

    [Test]
    public async Task WhatTheSmbClientHasNotSentYetNfsReads()
    {
        var read = await _guest.RunAsync($"exec 8<>{Smb("late")}; echo written >&8; cat $share/late; exec 8<&-");
        Assert.That(read, Is.EqualTo("written\n"));
    }

    [Test]
    public async Task WhatTheSmbClientKeepsIsReadAnewAfterNfsWrote()
    {
        await _guest.RunAsync("echo before > $share/kept");
        Assert.That(await _guest.RunAsync($"exec 8<{Smb("kept")}; cat <&8"), Is.EqualTo("before\n"));
        await _guest.RunAsync("echo after! > $share/kept");
        Assert.That(await _guest.RunAsync($"cat {Smb("kept")}; exec 8<&-"), Is.EqualTo("after!\n"));
    }

    [Test]
    public async Task WhatNfsRemovesStaysReadableToWhoHasItOpenOverSmb()
    {
        await _guest.RunAsync("echo content > $share/gone");
        await _guest.RunAsync($"exec 8<{Smb("gone")}; rm $share/gone");
        Assert.That(await _guest.RunAsync("cat <&8; exec 8<&-"), Is.EqualTo("content\n"));
        Assert.That(await _guest.RunAsync($"cat {Smb("gone")} || echo none"), Does.EndWith("none\n"));
    }

    private static string Smb(string path) => $"{LockingGuest.SmbMount}/{path}";
}
