using Gateway.Protocol.Smb2;
using Gateway.SmbClient;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Smb.Commands;

/// <summary>A CREATE that waits for a break when its client loses the connection, of several that its session has.</summary>
public sealed class CreateReplayTests
{
    private const uint Everything = 0x1F01FF;

    private static readonly Guid Create = new("bbbbbbbb-0000-0000-0000-000000000001");

    private SmbHost _host = null!;
    private SmbSession _holder = null!;
    private SmbSession _first = null!;
    private SmbSession _second = null!;
    private SmbFileId _held;

    [SetUp]
    public async Task WaitAsync()
    {
        _host = await SmbHost.StartAsync();
        _holder = _host.Open(client: 1);
        _held = _holder.CreateFile("f", Everything, oplock: 0xFF, contexts: Bodies.LeaseContext(new Guid(1, 0, 0, new byte[8]), 7));
        _first = _host.Open(client: 2);
        _second = _host.Bind(_first, client: 2);
        _first.AwaitInterim(_first.Send(Smb2Command.Create, Body()));
    }

    [TearDown]
    public async Task DisposeAsync()
    {
        _holder.Dispose();
        _first.Dispose();
        _second.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task It_goes_on_waiting_and_is_not_made_twice()
    {
        _first.Link.Break();
        await Eventually.HoldsAsync(() => ChannelCount() == 1);
        Assert.That(Replay().Status, Is.EqualTo(NtStatus.FileNotAvailable));

        // The answer that nobody gets is kept for who asks again.
        _holder.CloseFile(_held);
        SmbReply reply = null!;
        await Eventually.HoldsAsync(() => (reply = Replay()).Status != NtStatus.FileNotAvailable);
        Assert.That(reply.Status, Is.EqualTo(NtStatus.Success));
        Assert.That(_host.Tree.Opens.Count, Is.EqualTo(1));
        await Eventually.HoldsAsync(() => _host.OpenConnections == 2);
    }

    [Test]
    public async Task It_ends_with_the_last_connection()
    {
        _first.Link.Break();
        _second.Link.Break();
        await Eventually.HoldsAsync(() => _host.OpenConnections == 1);
        Assert.That(_host.Server.Opens.Count, Is.EqualTo(1));
        Assert.That(_host.Server.Sessions.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task It_ends_with_the_session()
    {
        _first.Link.Break();
        await Eventually.HoldsAsync(() => ChannelCount() == 1);
        _second.Ask(Smb2Command.Logoff, Bodies.Empty()).Require(NtStatus.Success);
        await Eventually.HoldsAsync(() => _host.Server.Opens.Count == 1 && _host.OpenConnections == 2);
    }

    private int ChannelCount() =>
        _host.Server.Sessions.TryGet(_first.SessionId, out var session) ? session.Channels.Count : 0;

    private SmbReply Replay()
    {
        var message = _second.Message(Smb2Command.Create, Body(), flags: Smb2HeaderFlags.Replay);
        _second.Protect(message);
        _second.SendProtected(message);
        return _second.Await(_second.NextMessageId - 1);
    }

    private static byte[] Body() =>
        Bodies.Create("f", Everything, disposition: 1, oplock: 9, contexts: Bodies.DurableContext(Create));
}
