using System.Text;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Kernel;

/// <summary>One volume over NFS and SMB at the same time: what one does, the other sees at once.</summary>
[TestFixture, Category("Lab")]
public sealed class TwoProtocolsTests
{
    // Where a lease break has its states (MS-SMB2 2.2.23.2).
    private const int StateBefore = 24;
    private const int NewState = 28;

    private const uint ReadCaching = 1;
    private const uint ReadWriteHandle = 7;

    private static readonly Guid LeaseKey = new("5ea5e000-0000-4000-8000-000000000001");

    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private HostProcess _gateway = null!;
    private SmbTarget _target = null!;
    private NfsShare _nfs = null!;
    private SmbSession _smb = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        var nasgate = new Nasgate(_network, _directory);
        _gateway = await nasgate.UpAsync(_directory["data"], "--smb-port", "445");
        _target = new SmbTarget(_network, await nasgate.AddUserAsync("lab"));
    }

    [OneTimeTearDown]
    public void Stop()
    {
        _gateway.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [SetUp]
    public void Connect()
    {
        _nfs = _network.Mount(0x1000);
        _smb = _target.Open();
    }

    [TearDown]
    public void Disconnect()
    {
        _smb.Dispose();
        _nfs.Dispose();
    }

    [Test]
    public void WhatSmbWritesNfsReadsAtOnce()
    {
        var content = Encoding.UTF8.GetBytes(new string('s', 100_000));
        _smb.WriteAll("from smb", content);
        var read = _nfs.Read(_nfs.Lookup(_nfs.Root, "from smb").Handle, 0, 200_000);
        Assert.That(read.Content.ToArray(), Is.EqualTo(content));
    }

    [TestCase(Nfs3Stability.Unstable)]
    [TestCase(Nfs3Stability.FileSync)]
    public void WhatNfsWritesSmbReadsAtOnce(Nfs3Stability stability)
    {
        var name = $"from nfs {stability}";
        var content = Encoding.UTF8.GetBytes(new string('n', 100_000));
        var file = _nfs.Create(_nfs.Root, name).Handle!.Value;
        Assert.That(_nfs.Write(file, 0, content, stability).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(_smb.ReadAll(name, 200_000), Is.EqualTo(content));
    }

    [Test]
    public void AnNfsWriteBreaksALeaseAndWaitsForTheAcknowledgment()
    {
        var file = _nfs.Create(_nfs.Root, "leased", 0x1B6).Handle!.Value;
        var open = OpenWithLease("leased");
        var writing = Task.Run(() => _nfs.Write(file, 0, "x"u8.ToArray(), Nfs3Stability.FileSync));
        var broken = _smb.AwaitNotification();
        Assert.That(broken.Header.Command, Is.EqualTo(Smb2Command.OplockBreak));
        Assert.That(broken.U32(StateBefore), Is.EqualTo(ReadWriteHandle), "the state before");
        var left = broken.U32(NewState);
        Assert.That(left & 4, Is.Zero, "no writes are cached any more");
        Assert.That(writing.Wait(TimeSpan.FromMilliseconds(300)), Is.False, "NFS waits for the acknowledgment");
        _smb.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(LeaseKey, left)).Require(NtStatus.Success);
        Assert.That(writing.GetAwaiter().GetResult().Status, Is.EqualTo(Nfs3Status.Ok));
        _smb.CloseFile(open);
    }

    [Test]
    public void AnNfsRemoveBreaksTheHandleLease()
    {
        _nfs.Create(_nfs.Root, "leased and removed", 0x1B6);
        var open = OpenWithLease("leased and removed");
        var removing = Task.Run(() => _nfs.Remove(_nfs.Root, "leased and removed"));
        var broken = _smb.AwaitNotification();
        Assert.That(broken.U32(NewState) & 2, Is.Zero, "no handle is cached any more");
        _smb.CloseFile(open);
        Assert.That(removing.GetAwaiter().GetResult().Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(_smb.Exists("leased and removed"), Is.False);
    }

    [Test]
    public void AnNfsReadTakesTheWriteLeaseOnly()
    {
        var file = _nfs.Create(_nfs.Root, "leased and read", 0x1B6).Handle!.Value;
        var open = OpenWithLease("leased and read");
        var reading = Task.Run(() => _nfs.Read(file, 0, 100).Status);
        var broken = _smb.AwaitNotification();
        Assert.That(broken.U32(NewState) & (4 | ReadCaching), Is.EqualTo(ReadCaching));
        _smb.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(LeaseKey, broken.U32(NewState))).Require(NtStatus.Success);
        Assert.That(reading.GetAwaiter().GetResult(), Is.EqualTo(Nfs3Status.Ok));
        _smb.CloseFile(open);
    }

    [TestCase("create", "1 new")]
    [TestCase("write", "3 old")]
    [TestCase("remove", "2 old")]
    [TestCase("rename", "4 old", "5 other")]
    [TestCase("make", "1 below")]
    public void ChangeNotifyTellsWhatNfsDid(string change, params string[] expected)
    {
        var directory = _smb.CreateDirectory($"watched {change}");
        var handle = _nfs.Lookup(_nfs.Root, $"watched {change}").Handle;
        var file = _nfs.Create(handle, "old").Handle!.Value;
        var waiting = _smb.Send(Smb2Command.ChangeNotify, Bodies.ChangeNotify(directory, 0x1F));
        _smb.AwaitInterim(waiting);
        var status = change switch
        {
            "create" => _nfs.Create(handle, "new").Status,
            "write" => _nfs.Write(file, 0, "x"u8, Nfs3Stability.FileSync).Status,
            "remove" => _nfs.Remove(handle, "old").Status,
            "rename" => _nfs.Rename(handle, "old", "other").Status,
            _ => _nfs.MkDir(handle, "below").Status,
        };
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(Told(_smb.Await(waiting).Require(NtStatus.Success)), Is.EqualTo(expected));
        _smb.CloseFile(directory);
    }

    [Test]
    public void ARenameInOneShowsInTheOther()
    {
        _smb.WriteAll("named by smb", "one"u8);
        Assert.That(_nfs.Rename(_nfs.Root, "named by smb", "named by nfs").Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(_smb.Exists("named by smb"), Is.False);
        var file = _smb.CreateFile("named by nfs", access: 0x13019F, disposition: 1);
        _smb.Ask(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, 10, Bodies.RenameContent("named by smb again", false))).Require(NtStatus.Success);
        _smb.CloseFile(file);
        Assert.That(_nfs.Lookup(_nfs.Root, "named by nfs").Status, Is.EqualTo(Nfs3Status.NoEntry));
        Assert.That(_nfs.Read(_nfs.Lookup(_nfs.Root, "named by smb again").Handle, 0, 10).Content.ToArray(), Is.EqualTo("one"u8.ToArray()));
    }

    [Test]
    public void NamesThatDifferInCaseAreReachedByTheirExactSpelling()
    {
        foreach (var name in new[] { "Clash", "CLASH", "clash" })
        {
            var file = _nfs.Create(_nfs.Root, name, 0x1B6).Handle!.Value;
            _nfs.Write(file, 0, Encoding.ASCII.GetBytes(name), Nfs3Stability.FileSync);
        }

        foreach (var name in new[] { "Clash", "CLASH", "clash" })
            Assert.That(Encoding.ASCII.GetString(_smb.ReadAll(name, 10)), Is.EqualTo(name));
        Assert.That(Encoding.ASCII.GetString(_smb.ReadAll("cLaSh", 10)), Is.EqualTo("Clash"), "the oldest");
    }

    [Test]
    public void NamesThatWindowsCannotShowAreMappedAndBack()
    {
        var file = _nfs.Create(_nfs.Root, "what: a \"name\"? ", 0x1B6).Handle!.Value;
        _nfs.Write(file, 0, "odd"u8.ToArray(), Nfs3Stability.FileSync);
        Assert.That(_smb.ReadAll("what\uF022 a \uF020name\uF020\uF025\uF028", 10), Is.EqualTo("odd"u8.ToArray()));
        _smb.WriteAll("made\uF022by smb", "x"u8);
        Assert.That(_nfs.Lookup(_nfs.Root, "made:by smb").Status, Is.EqualTo(Nfs3Status.Ok));
    }

    // The list of a CHANGE_NOTIFY response: action and name of each (MS-FSCC 2.7.1).
    private static IEnumerable<string> Told(SmbReply reply)
    {
        for (int at = BitConverter.ToUInt16(reply.Message, 64 + 2); ;)
        {
            var next = BitConverter.ToInt32(reply.Message, at);
            var length = BitConverter.ToInt32(reply.Message, at + 8);
            yield return $"{BitConverter.ToInt32(reply.Message, at + 4)} {Encoding.Unicode.GetString(reply.Message, at + 12, length)}";
            if (next == 0) yield break;
            at += next;
        }
    }

    private SmbFileId OpenWithLease(string name)
    {
        var reply = _smb.Ask(
            Smb2Command.Create, Bodies.Create(name, disposition: 1, oplock: 0xFF, contexts: Bodies.LeaseContext(LeaseKey, ReadWriteHandle)));
        reply.Require(NtStatus.Success);
        Assert.That(reply.Body[2], Is.EqualTo(0xFF), "a lease was granted");
        return reply.FileId;
    }
}
