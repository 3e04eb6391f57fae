using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.SmbClient;

namespace Gateway.Tests.Smb.Commands;

/// <summary>What Samba's test suite may ask of a server that was started for it, and of no other.</summary>
public sealed class IoctlTortureTests
{
    private const uint Padding = (uint)FileControlCode.TortureIoctlPadding;
    private const uint ReadPadding = (uint)FileControlCode.TortureReadPadding;
    private const uint Sleep = (uint)FileControlCode.TortureFileSleep;

    private SmbHost _host = null!;
    private SmbSession _client = null!;

    [TearDown]
    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase(Padding), TestCase(ReadPadding), TestCase(Sleep)]
    public async Task An_ordinary_server_knows_nothing_of_it(uint code)
    {
        await StartAsync(offers: false);
        var file = _client.CreateFile("f");
        Assert.That(Ask(code, file).Status, Is.EqualTo(NtStatus.InvalidDeviceRequest));
        Assert.That(Ask(code, SmbFileId.Related).Status, Is.EqualTo(NtStatus.FileClosed));
    }

    [Test]
    public async Task The_output_of_an_ioctl_moves()
    {
        await StartAsync(offers: true);
        var reply = Ask(Padding, SmbFileId.Related, outputMax: 20).Require(NtStatus.Success);
        Assert.That(IoctlResponse.TryParse(reply.Message, out _, out var output), Is.True);
        Assert.That(output.ToArray(), Is.EqualTo(Enumerable.Repeat((byte)8, 20)));
        Assert.That(reply.U32(32), Is.EqualTo(64 + 48 + 8));
        Assert.That(Ask(Padding, SmbFileId.Related, [1]).Status, Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public async Task The_data_of_reads_moves()
    {
        await StartAsync(offers: true);
        _client.WriteAll("f", "content"u8);
        Ask(ReadPadding, SmbFileId.Related).Require(NtStatus.Success);
        var file = _client.CreateFile("f");
        var reply = _client.Ask(Smb2Command.Read, Bodies.Read(file, 0, 100)).Require(NtStatus.Success);
        Assert.That(reply.Body[2], Is.EqualTo(64 + 16 + 8));
        Assert.That(_client.ReadFile(file, 3, 100), Is.EqualTo("tent"u8.ToArray()));
        Assert.That(Ask(ReadPadding, SmbFileId.Related, [1]).Status, Is.EqualTo(NtStatus.InvalidParameter));
    }

    [Test]
    public async Task A_request_that_waits_keeps_its_file()
    {
        await StartAsync(offers: true);
        var file = _client.CreateFile("f");
        var asked = _client.Send(Smb2Command.Ioctl, Bodies.Ioctl(Sleep, file, [100]));
        _client.AwaitInterim(asked);
        _client.CloseFile(file);
        Assert.That(_client.Await(asked).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(Ask(Sleep, file, [1]).Status, Is.EqualTo(NtStatus.FileClosed));
        Assert.That(Ask(Sleep, SmbFileId.Related, [1]).Status, Is.EqualTo(NtStatus.InvalidHandle));
        Assert.That(Ask(Sleep, file).Status, Is.EqualTo(NtStatus.InvalidParameter));
    }

    private async Task StartAsync(bool offers)
    {
        _host = await SmbHost.StartAsync(SmbHost.DefaultOptions with { OffersTestControls = offers });
        _client = _host.Open(client: 1);
    }

    private SmbReply Ask(uint code, SmbFileId file, byte[]? input = null, uint outputMax = 0) =>
        _client.Ask(Smb2Command.Ioctl, Bodies.Ioctl(code, file, input ?? [], outputMax));
}
