using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.SmbClient;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Smb.Commands;

/// <summary>Clients come back for their persistent opens: MS-SMB2 3.3.5.9.12, and 3.3.5.9.10 for what they replay.</summary>
public sealed class CreateReconnectTests : PersistentHost
{
    private const uint Shared = 1;
    private const uint Exclusive = 2;
    private const uint Unlock = 4;
    private const uint AtOnce = 0x10;
    private const byte FileInformation = 1;
    private const byte Disposition = 13;
    private const byte Rename = 10;
    private const byte Link = 11;

    [Test]
    public async Task The_open_goes_on_with_another_gateway()
    {
        var file = Persist(Enter(), share: 0);
        await FailOverAsync();
        var other = Enter(client: 2);
        Assert.That(
            other.Ask(Smb2Command.Create, Bodies.Create("f")).Status, Is.EqualTo(NtStatus.SharingViolation), "it binds everybody");

        var session = Enter();
        Assert.That(session.Ask(Smb2Command.Write, Bodies.Write(file, 0, "x"u8)).Status, Is.EqualTo(NtStatus.FileClosed));
        var reply = Reconnect(session, file).Require(NtStatus.Success);
        Assert.That(reply.FileId.Persistent, Is.EqualTo(file.Persistent));
        Assert.That(reply.U32(4), Is.EqualTo((uint)CreateAction.Opened));
        session.WriteFile(reply.FileId, 0, "text"u8);
        Assert.That(session.ReadFile(reply.FileId, 0, 10), Is.EqualTo("text"u8.ToArray()));
        session.CloseFile(reply.FileId);
        Assert.That(other.Exists("f"));
        Assert.That(Reconnect(session, file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(Host.Tree.Opens.PersistentCount, Is.Zero);
    }

    /// <summary>A gateway that was paused wakes up, and another one has the volume and the open by now.</summary>
    [Test]
    public async Task Who_does_not_own_the_volume_any_more_does_not_say_that_the_open_is_gone([Values] bool isKnown)
    {
        var former = Enter();
        var file = Persist(former);
        former.Link.Break();
        await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);
        var session = Enter();

        Store.Interfere = call => call == StoreCall.ConfirmRead ? new StoreInterference(StoreOutcome.Unavailable) : null;
        Assert.That(() => Reconnect(session, file, isKnown ? Create : Another()), Throws.InstanceOf<IOException>(), "an answer");
        Store.Interfere = null;
        Reconnect(Enter(), file).Require(NtStatus.Success);
    }

    /// <summary>The lease is over for a moment, and is there again before the refusal.</summary>
    [Test]
    public async Task An_open_that_cannot_be_looked_at_for_a_moment_is_not_said_to_be_gone()
    {
        var former = Enter();
        var file = Persist(former);
        former.Link.Break();
        await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);
        var session = Enter();

        var asked = 0;
        Store.Interfere = call => call == StoreCall.ConfirmRead && Interlocked.Increment(ref asked) == 1
            ? new StoreInterference(StoreOutcome.Unavailable)
            : null;
        Assert.That(() => Reconnect(session, file), Throws.InstanceOf<IOException>(), "an answer");
        Assert.That(asked, Is.EqualTo(1));
        Store.Interfere = null;
        Reconnect(Enter(), file).Require(NtStatus.Success);
    }

    /// <summary>The session that asked has ended before the answer: the open is not its, and nobody would end it.</summary>
    [Test]
    public async Task Who_goes_while_coming_back_can_come_again()
    {
        var former = Enter();
        var file = Persist(former);
        former.Link.Break();
        await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);
        var session = Enter();

        var looked = new TaskCompletionSource();
        Store.Interfere = call =>
        {
            if (call != StoreCall.ConfirmRead) return null;
            looked.TrySetResult();
            return new StoreInterference(Delay: TimeSpan.FromMilliseconds(500));
        };
        session.Send(Smb2Command.Create, Bodies.Create("f", contexts: Bodies.ReconnectContext(file, Create, flags: Persistent)));
        await looked.Task;
        session.Link.Break();
        await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);
        Store.Interfere = null;
        var again = Enter();
        await Eventually.HoldsAsync(() => Reconnect(again, file).Status == NtStatus.Success);
    }

    [Test]
    public void A_write_as_the_volume_is_lost_is_not_answered_on_a_continuous_share()
    {
        var session = Enter();
        var file = Persist(session);
        var plain = Enter(client: 2, share: SmbHost.Share);
        var other = plain.CreateFile("other");

        Store.Interfere = call => call == StoreCall.Execute ? new StoreInterference(StoreOutcome.Unavailable) : null;
        Assert.That(() => session.Ask(Smb2Command.Write, Bodies.Write(file, 0, "x"u8)), Throws.InstanceOf<IOException>());
        Assert.That(
            plain.Ask(Smb2Command.Write, Bodies.Write(other, 0, "x"u8)).Status, Is.EqualTo(NtStatus.InsufficientServerResources));
        Store.Interfere = null;
        Reconnect(Enter(), file).Require(NtStatus.Success);
    }

    [Test]
    public async Task Only_by_who_has_it_and_by_what_it_is([Values] bool failsOver)
    {
        var former = Enter();
        var file = Persist(former);
        if (failsOver) await FailOverAsync();
        else former.Link.Break();
        if (!failsOver) await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);

        var session = Enter();
        Assert.That(Reconnect(session, file, flags: 0).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "not persistent");
        Assert.That(Reconnect(session, file, Another()).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "another name");
        Assert.That(
            session.Ask(Smb2Command.Create, Bodies.Create("f", contexts: Bodies.ReconnectContextV1(file))).Status,
            Is.EqualTo(NtStatus.ObjectNameNotFound),
            "the first version");
        Assert.That(Reconnect(Enter(share: SmbHost.Share), file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "another share");
        Assert.That(Reconnect(Enter(user: "bob"), file).Status, Is.EqualTo(NtStatus.AccessDenied));
        Assert.That(
            Reconnect(session, file, lease: Bodies.LeaseContext(LeaseKey, 7)).Status,
            Is.EqualTo(NtStatus.ObjectNameNotFound),
            "it has no lease");
        Reconnect(session, file, name: "whatever").Require(NtStatus.Success);
        Assert.That(Reconnect(Enter(), file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "it is back already");
    }

    [Test]
    public async Task With_the_key_of_its_lease_the_client_and_the_name()
    {
        var file = Persist(Enter(), lease: Bodies.LeaseContext(LeaseKey, 7));
        await FailOverAsync();
        var session = Enter();
        var named = Bodies.LeaseContext(LeaseKey, 7);
        Assert.That(Reconnect(session, file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "none");
        Assert.That(
            Reconnect(session, file, lease: Bodies.LeaseContext(Another(), 7)).Status,
            Is.EqualTo(NtStatus.ObjectNameNotFound),
            "another");
        var first = Bodies.CreateContext("RqLs", [.. LeaseKey.ToByteArray(), 7, .. new byte[15]]);
        Assert.That(Reconnect(session, file, lease: first).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "the first version");
        Assert.That(Reconnect(Enter(client: 2), file, lease: named).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "another client");
        Assert.That(Reconnect(session, file, lease: named, name: "g").Status, Is.EqualTo(NtStatus.InvalidParameter), "another name");
        var reply = Reconnect(session, file, lease: named).Require(NtStatus.Success);
        Assert.That(BitConverter.ToUInt32(reply.CreateContext("RqLs")!, 16), Is.EqualTo(7));
        Assert.That(reply.Body[2], Is.EqualTo(LeaseLevel));
    }

    [Test]
    public async Task By_what_the_create_was_called_when_the_answer_got_lost()
    {
        Persist(Enter());
        await FailOverAsync();
        var session = Enter();
        var unknown = new SmbFileId(1, 1);
        Assert.That(Reconnect(session, unknown, flags: 0).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(Reconnect(session, unknown, Another()).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(Reconnect(Enter(client: 2), unknown).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Reconnect(session, unknown).Require(NtStatus.Success);
    }

    [Test]
    public async Task A_replayed_create_is_not_carried_out_again()
    {
        var lease = Bodies.LeaseContext(LeaseKey, 7);
        var file = Persist(Enter(), lease: lease);
        await FailOverAsync();
        var body = Body(lease: lease, disposition: 2);
        var session = Enter();
        Assert.That(session.Ask(Smb2Command.Create, body).Status, Is.EqualTo(NtStatus.DuplicateObjectid), "not said to be one");
        Assert.That(
            Enter(user: "bob").Replay(Smb2Command.Create, body).Status, Is.EqualTo(NtStatus.AccessDenied), "not the owner");
        Assert.That(
            session.Replay(Smb2Command.Create, Body(lease: Bodies.LeaseContext(Another(), 7))).Status,
            Is.EqualTo(NtStatus.AccessDenied),
            "another lease");
        var reply = session.Replay(Smb2Command.Create, body).Require(NtStatus.Success);
        Assert.That(reply.FileId.Persistent, Is.EqualTo(file.Persistent));
        Assert.That(reply.U32(4), Is.EqualTo((uint)CreateAction.Created), "as the first answer said");
        Assert.That(FlagsOf(reply), Is.EqualTo(Persistent));
        session.WriteFile(reply.FileId, 0, "text"u8);
        Assert.That(Host.Tree.Opens.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Locks_are_held_and_replayed_requests_carried_out_once()
    {
        var session = Enter();
        var file = Persist(session);
        var locks = Bodies.NumberedLock(file, 1, 1, Range(0, 10, Exclusive | AtOnce), Range(20, 10, Shared | AtOnce));
        session.Ask(Smb2Command.Lock, locks).Require(NtStatus.Success);
        await FailOverAsync();

        var other = Enter(client: 2);
        var otherFile = other.CreateFile("f");
        Assert.That(
            other.Ask(Smb2Command.Lock, Bodies.Lock(otherFile, Range(5, 1, Shared | AtOnce))).Status, Is.EqualTo(NtStatus.LockNotGranted));
        session = Enter();
        file = Reconnect(session, file).FileId;
        locks = Bodies.NumberedLock(file, 1, 1, Range(0, 10, Exclusive | AtOnce), Range(20, 10, Shared | AtOnce));
        session.Ask(Smb2Command.Lock, locks).Require(NtStatus.Success);
        Assert.That(
            session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 1, 2, Range(0, 10, Exclusive | AtOnce))).Status,
            Is.EqualTo(NtStatus.LockNotGranted),
            "that was a new one");

        session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 2, 0, Range(0, 10, Unlock))).Require(NtStatus.Success);
        await FailOverAsync();
        session = Enter();
        file = Reconnect(session, file).FileId;
        session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 2, 0, Range(0, 10, Unlock))).Require(NtStatus.Success);
        Assert.That(
            session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 2, 1, Range(0, 10, Unlock))).Status, Is.EqualTo(NtStatus.RangeNotLocked));
        session.Ask(Smb2Command.Lock, Bodies.Lock(file, Range(20, 10, Unlock), Range(40, 1, Unlock))).Require(NtStatus.RangeNotLocked);
        session.Ask(Smb2Command.Lock, Bodies.Lock(file, Range(20, 10, Exclusive | AtOnce))).Require(NtStatus.Success);
    }

    [Test]
    public async Task Names_that_were_given_may_be_given_again()
    {
        var session = Enter();
        var file = Persist(session);
        Set(session, file, Link, Bodies.RenameContent("hard", replace: false));
        Set(session, file, Rename, Bodies.RenameContent("g", replace: false));
        Set(session, file, Disposition, [1]);
        await FailOverAsync();
        session = Enter();
        file = Reconnect(session, file).Require(NtStatus.Success).FileId;
        Set(session, file, Rename, Bodies.RenameContent("g", replace: false));
        Assert.That(
            session.Ask(Smb2Command.SetInfo, SetBody(file, Link, Bodies.RenameContent("hard", replace: false))).Status,
            Is.EqualTo(NtStatus.ObjectNameCollision));
        session.Replay(Smb2Command.SetInfo, SetBody(file, Link, Bodies.RenameContent("hard", replace: false))).Require(NtStatus.Success);
        session.WriteAll("foreign", "x"u8);
        session.Replay(Smb2Command.SetInfo, SetBody(file, Link, Bodies.RenameContent("foreign", replace: false)))
            .Require(NtStatus.ObjectNameCollision);
        Set(session, file, Disposition, [1]);
        session.CloseFile(file);
        Assert.That((session.Exists("f"), session.Exists("g"), session.Exists("hard")), Is.EqualTo((false, false, true)));
    }

    [Test]
    public async Task Who_waits_for_the_lease_gets_it_when_its_client_is_back()
    {
        var file = Persist(Enter(), lease: Bodies.LeaseContext(LeaseKey, 7));
        await FailOverAsync();
        var other = Enter(client: 2);
        var waits = other.Send(Smb2Command.Create, Bodies.Create("f"));
        other.AwaitInterim(waits);

        var session = Enter();
        var reply = Reconnect(session, file, lease: Bodies.LeaseContext(LeaseKey, 7)).Require(NtStatus.Success);
        Assert.That(session.Notifications, Is.Empty, "the answer comes before the break");
        var told = reply.CreateContext("RqLs")!;
        Assert.That((BitConverter.ToUInt32(told, 16), BitConverter.ToUInt32(told, 20)), Is.EqualTo((7u, 0u)), "and does not tell of it");
        var notice = session.AwaitNotification();
        Assert.That((ushort)(BitConverter.ToUInt16(notice.Body[2..]) - BitConverter.ToUInt16(told, 48)), Is.EqualTo(1), "epochs");
        Assert.That((notice.U32(24), notice.U32(28)), Is.EqualTo((7u, 3u)), "from all to reading and the handle");
        session.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(LeaseKey, 3)).Require(NtStatus.Success);
        other.Await(waits).Require(NtStatus.Success);

        await FailOverAsync();
        session = Enter();
        reply = Reconnect(session, file, lease: Bodies.LeaseContext(LeaseKey, 7)).Require(NtStatus.Success);
        Assert.That(BitConverter.ToUInt32(reply.CreateContext("RqLs")!, 16), Is.EqualTo(3), "what it acknowledged");
    }

    [Test]
    public async Task An_oplock_too()
    {
        var file = Persist(Enter(), oplock: 9);
        await FailOverAsync();
        var other = Enter(client: 2);
        var waits = other.Send(Smb2Command.Create, Bodies.Create("f"));
        other.AwaitInterim(waits);
        var session = Enter();
        file = Reconnect(session, file).Require(NtStatus.Success).FileId;
        Assert.That(session.AwaitNotification().Body[2], Is.EqualTo(1));
        session.Ask(Smb2Command.OplockBreak, Bodies.OplockAcknowledgment(file, 1)).Require(NtStatus.Success);
        other.Await(waits).Require(NtStatus.Success);
        await FailOverAsync();
        session = Enter();
        Assert.That(Reconnect(session, file).Require(NtStatus.Success).Body[2], Is.EqualTo(1));
    }

    [Test]
    public async Task Without_a_failover_it_waits_whatever_it_caches()
    {
        var session = Enter();
        var file = Persist(session, options: 0x1000);
        session.Link.Break();
        await Eventually.HoldsAsync(() => Host.Server.Sessions.Count == 0);
        Assert.That(Host.Server.Opens.Count, Is.EqualTo(1));
        session = Enter();
        file = Reconnect(session, file).Require(NtStatus.Success).FileId;
        session.CloseFile(file);
        Assert.That(session.Exists("f"), Is.False, "deletion on close");
    }

    [Test]
    public void A_client_that_knows_of_its_loss_first_ends_the_former_session()
    {
        var former = Enter();
        var file = Persist(former);
        Assert.That(Reconnect(Enter(), file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound), "its connection lives");
        using var session = Host.Negotiate(client: 1);
        session.LogOn(SmbHost.User, SmbHost.Password, former.SessionId).Require(NtStatus.Success);
        session.Connect(SmbHost.ContinuousShare).Require(NtStatus.Success);
        Reconnect(session, file).Require(NtStatus.Success);
    }

    [Test]
    public async Task A_former_session_of_another_gateway_is_no_obstacle()
    {
        var former = Enter();
        var file = Persist(former);
        await FailOverAsync();
        using var session = Host.Negotiate(client: 1);
        session.LogOn(SmbHost.User, SmbHost.Password, former.SessionId).Require(NtStatus.Success);
        session.Connect(SmbHost.ContinuousShare).Require(NtStatus.Success);
        Reconnect(session, file).Require(NtStatus.Success);
    }

    [Test]
    public async Task Who_comes_too_late_finds_nothing()
    {
        var session = Enter();
        var reply = session.Ask(Smb2Command.Create, Body(timeout: 1, options: 0x1000)).Require(NtStatus.Success);
        await FailOverAsync();
        await Eventually.HoldsAsync(() => Host.Server.Opens.Count == 0 && Host.Tree.Opens.Count == 0);
        session = Enter();
        Assert.That(Reconnect(session, reply.FileId).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(session.Exists("f"), Is.False, "deletion on close");
    }

    [Test]
    public async Task A_volume_that_moves_takes_its_persistent_opens_along()
    {
        var session = Enter();
        var file = Persist(session, options: 0x1000);
        session.CreateFile("ordinary");
        await Host.Server.EndVolumeAsync(Host.Tree);
        Assert.That(Host.Server.Opens.Count, Is.Zero);
        await FailOverAsync();
        Assert.That(Host.Tree.Opens.Count, Is.EqualTo(1));
        session = Enter();
        Reconnect(session, file).Require(NtStatus.Success);
        Assert.That(session.Exists("f"));
    }

    [Test]
    public void A_tree_that_is_disconnected_takes_its_opens_along()
    {
        var session = Enter();
        var file = Persist(session);
        session.Ask(Smb2Command.TreeDisconnect, Bodies.Empty()).Require(NtStatus.Success);
        session.Connect(SmbHost.ContinuousShare).Require(NtStatus.Success);
        Assert.That(Reconnect(session, file).Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
        Assert.That(Host.Tree.Opens.PersistentCount, Is.Zero);
    }

    private static (ulong Offset, ulong Length, uint Flags) Range(ulong offset, ulong length, uint flags) => (offset, length, flags);

    private static byte[] SetBody(SmbFileId file, byte information, byte[] content) =>
        Bodies.SetInfo(file, FileInformation, information, content);

    private static void Set(SmbSession session, SmbFileId file, byte information, byte[] content) =>
        session.Ask(Smb2Command.SetInfo, SetBody(file, information, content)).Require(NtStatus.Success);
}
