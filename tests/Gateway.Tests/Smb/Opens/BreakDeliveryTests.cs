using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb;
using Gateway.SmbClient;

namespace Gateway.Tests.Smb.Opens;

/// <summary>Breaks to clients that may be gone without a word (MS-SMB2 3.3.4.6, 3.3.4.7).</summary>
public sealed class BreakDeliveryTests
{
    private const uint ReadWriteHandle = 7;
    private const byte Batch = 0x09;

    private static readonly Guid Key = new("aaaaaaaa-0000-0000-0000-000000000001");

    private SmbHost _host = null!;
    private SmbSession _holder = null!;
    private SmbSession _asker = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _host = await SmbHost.StartAsync(SmbHost.DefaultOptions with
        {
            OffersTestControls = true,
            Limits = new SmbLimits { SilenceMax = TimeSpan.FromMilliseconds(100) },
        });
        _holder = _host.Open(client: 1);
        _asker = _host.Open(client: 2);
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        _holder.Dispose();
        _asker.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase(0xFF), TestCase(0x09)]
    public void A_client_that_acknowledges_nothing_is_not_waited_for(byte oplock)
    {
        Hold(oplock);
        Silence(_holder);
        var asked = _asker.Send(Smb2Command.Create, Bodies.Create("f", 0x12019F, 1, 0, 7));
        Assert.That(_asker.Await(asked).Status, Is.EqualTo(NtStatus.Success));
        _holder.AwaitNotification();
        Assert.That(_holder.Receive(), Is.Null, "its connection has ended");
    }

    [TestCase(0xFF), TestCase(0x09)]
    public void A_client_that_is_only_slow_is_waited_for(byte oplock)
    {
        var file = Hold(oplock);
        var asked = _asker.Send(Smb2Command.Create, Bodies.Create("f", 0x12019F, 1, 0, 7));
        _asker.AwaitInterim(asked);
        _holder.AwaitNotification();

        // The server waits longer than it waits for a peer that is silent.
        _holder.Ask(Smb2Command.Ioctl, Bodies.Ioctl((uint)FileControlCode.TortureFileSleep, file, [255])).Require(NtStatus.Success);
        _holder.CloseFile(file);
        Assert.That(_asker.Await(asked).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(_host.OpenConnections, Is.EqualTo(2));
    }

    [TestCase(0xFF), TestCase(0x09)]
    public void What_a_silent_client_had_open_is_closed_before_others_go_on(byte oplock)
    {
        // Its connection takes longer to end than it takes to be given up.
        var busy = _holder.CreateFile("busy");
        Hold(oplock);
        _holder.Send(Smb2Command.Ioctl, Bodies.Ioctl((uint)FileControlCode.TortureFileSleep, busy, [255]));
        Silence(_holder);
        var asked = _asker.Send(Smb2Command.Create, Bodies.Create("f", 0x12019F, 1, 0, 7, Batch));
        var reply = _asker.Await(asked).Require(NtStatus.Success);
        Assert.That(reply.Body[2], Is.EqualTo(Batch), "nobody else has it open");
    }

    private SmbFileId Hold(byte oplock) => _holder.CreateFile(
        "f", oplock: oplock, contexts: oplock == 0xFF ? Bodies.LeaseContext(Key, ReadWriteHandle) : default);

    private static void Silence(SmbSession client)
    {
        client.SessionId = 0;
        client.Signs = false;
        client.Ask(Smb2Command.Ioctl, Bodies.Ioctl((uint)FileControlCode.TortureSilence, SmbFileId.Related, [], 0)).Require(NtStatus.Success);
    }
}
