using Gateway.Protocol.Smb2;
using Gateway.SmbClient;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Smb.Opens;

/// <summary>On which of its connections a client is told of a lease that breaks (MS-SMB2 3.3.4.7).</summary>
public sealed class LeaseBreakTests
{
    private const uint ReadOnly = 1;
    private const uint ReadAndHandle = 3;

    private static readonly Guid Key = new("aaaaaaaa-0000-0000-0000-000000000001");

    private SmbHost _host = null!;

    [SetUp]
    public async Task StartAsync() => _host = await SmbHost.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _host.DisposeAsync();

    [Test]
    public void The_client_is_told_on_the_first_connection_it_has()
    {
        using var first = _host.Open(client: 1);
        using var second = _host.Open(client: 1);
        using var other = _host.Open(client: 2);
        Lease(second);
        other.WriteFile(other.CreateFile("f"), 0, [1]);
        first.AwaitNotification();
        Assert.That(second.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(second.Notifications, Is.Empty);
    }

    [Test]
    public async Task After_its_end_on_the_next()
    {
        var first = _host.Open(client: 1);
        using var second = _host.Open(client: 1);
        using var other = _host.Open(client: 2);
        Lease(second);
        first.Dispose();
        await Eventually.HoldsAsync(() => _host.OpenConnections == 2);
        other.WriteFile(other.CreateFile("f"), 0, [1]);
        second.AwaitNotification();
    }

    [Test]
    public void Another_user_under_the_same_name_is_told_nothing()
    {
        using var stranger = _host.Open(client: 1, user: "bob");
        using var holder = _host.Open(client: 1);
        using var other = _host.Open(client: 2);
        Lease(holder);
        other.WriteFile(other.CreateFile("f"), 0, [1]);
        holder.AwaitNotification();
        Assert.That(stranger.Ask(Smb2Command.Echo, Bodies.Empty()).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(stranger.Notifications, Is.Empty);
    }

    [Test]
    public void Behind_the_answer_of_the_whole_compound_that_gave_it()
    {
        using var holder = _host.Open(client: 1);
        holder.SendProtected(holder.Chain(
            related: false,
            (Smb2Command.Create, Bodies.Create("d", 0x1200A9, options: 1, oplock: 0xFF, contexts: Bodies.LeaseContext(Key, ReadAndHandle))),
            (Smb2Command.Create, Bodies.Create("d\\f"))));
        var answer = holder.Receive()!;
        Assert.That(answer.Select(reply => reply.Status), Is.EqualTo(new[] { NtStatus.Success, NtStatus.Success }));
        Assert.That(answer.Any(reply => reply.IsNotification), Is.False);
        holder.AwaitNotification();
    }

    [Test]
    public void Before_it_when_the_compound_waits_for_the_break()
    {
        using var holder = _host.Open(client: 1);
        holder.SendProtected(holder.Chain(
            related: true,
            (Smb2Command.Create, Bodies.Create("f", oplock: 0xFF, contexts: Bodies.LeaseContext(Key, ReadAndHandle))),
            (Smb2Command.Create, Bodies.Create("f", 0x1F01FF)),
            (Smb2Command.SetInfo, Bodies.SetInfo(SmbFileId.Related, 1, 10, Bodies.RenameContent("g", replace: false))),
            (Smb2Command.Close, Bodies.Close(SmbFileId.Related))));
        holder.AwaitNotification();
        holder.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(Key, ReadOnly)).Require(NtStatus.Success);
        Assert.That(holder.Receive()!.Select(reply => reply.Status), Is.All.EqualTo(NtStatus.Success));
    }

    private static void Lease(SmbSession session) =>
        session.CreateFile("f", oplock: 0xFF, contexts: Bodies.LeaseContext(Key, ReadOnly));
}
