using Gateway.Protocol.Smb2;
using Gateway.SmbClient;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Smb.Commands;

/// <summary>Requests that wait until another client gives up what it caches (MS-SMB2 3.3.4.2).</summary>
public sealed class BreakWaitTests
{
    private const uint ReadAndHandle = 3;
    private const uint Everything = 0x1F01FF;
    private const byte OfFile = 1;
    private const byte RenameClass = 10;
    private const byte DispositionClass = 13;

    private static readonly Guid Key = new("aaaaaaaa-0000-0000-0000-000000000001");

    private SmbHost _host = null!;
    private SmbSession _holder = null!;
    private SmbSession _asker = null!;
    private SmbFileId _held;

    [SetUp]
    public async Task HoldAsync()
    {
        _host = await SmbHost.StartAsync();
        _holder = _host.Open(client: 1);
        _asker = _host.Open(client: 2);
        _held = _holder.CreateFile("f", Everything, oplock: 0xFF, contexts: Bodies.LeaseContext(Key, ReadAndHandle));
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        _holder.Dispose();
        _asker.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase(RenameClass)]
    [TestCase(DispositionClass)]
    public void A_change_of_the_name_is_pending_until_the_holder_answers(byte information)
    {
        var change = _asker.Send(Smb2Command.SetInfo, Change(_asker.CreateFile("f", Everything), information));
        _asker.AwaitInterim(change);
        Assert.That(_asker.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success), "others go on");

        _holder.AwaitNotification();
        _holder.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(Key, state: 1)).Require(NtStatus.Success);
        Assert.That(_asker.Await(change).Status, Is.EqualTo(NtStatus.Success));
    }

    [TestCase(RenameClass)]
    [TestCase(DispositionClass)]
    public void Cancel_ends_the_waiting_and_nothing_is_changed(byte information)
    {
        var change = _asker.Send(Smb2Command.SetInfo, Change(_asker.CreateFile("f", Everything), information));
        _asker.Cancel(_asker.AwaitInterim(change));
        Assert.That(_asker.Await(change).Status, Is.EqualTo(NtStatus.Cancelled));
        Assert.That(_holder.Exists("f"));
        Assert.That(_holder.Exists("g"), Is.False);
    }

    [Test]
    public void A_file_that_is_replaced_is_waited_for_too()
    {
        var source = _asker.CreateFile("source", Everything);
        var change = _asker.Send(
            Smb2Command.SetInfo, Bodies.SetInfo(source, OfFile, RenameClass, Bodies.RenameContent("f", replace: true)));
        _asker.AwaitInterim(change);
        _holder.AwaitNotification();
        _holder.CloseFile(_held);
        Assert.That(_asker.Await(change).Status, Is.EqualTo(NtStatus.Success));
    }

    [Test]
    public void In_the_middle_of_a_compound_it_waits_in_silence()
    {
        var chain = _asker.Chain(
            related: true,
            (Smb2Command.Create, Bodies.Create("f", Everything)),
            (Smb2Command.SetInfo, Change(SmbFileId.Related, RenameClass)),
            (Smb2Command.Close, Bodies.Close(SmbFileId.Related)));
        _asker.SendProtected(chain);
        _holder.AwaitNotification();
        Assert.That(_asker.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success), "others go on");

        _holder.CloseFile(_held);
        Assert.That(
            _asker.Receive()!.Select(reply => reply.Status), Is.EqualTo(new[] { NtStatus.Success, NtStatus.Success, NtStatus.Success }));
    }

    [Test]
    public async Task Who_loses_its_connection_while_it_waits_changes_nothing()
    {
        var change = _asker.Send(
            Smb2Command.SetInfo, Change(_asker.CreateFile("f", Everything), DispositionClass));
        _asker.AwaitInterim(change);
        _asker.Link.Break();
        await Eventually.HoldsAsync(() => _host.OpenConnections == 1);
        _holder.AwaitNotification();
        _holder.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(Key, state: 1)).Require(NtStatus.Success);
        _holder.CloseFile(_held);
        Assert.That(_holder.Exists("f"));
    }

    private static byte[] Change(SmbFileId file, byte information) => Bodies.SetInfo(
        file, OfFile, information, information == RenameClass ? Bodies.RenameContent("g", replace: false) : [1]);
}
