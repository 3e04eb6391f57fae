using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Tests.Smb.Commands;

/// <summary>Which opens are persistent: MS-SMB2 3.3.5.4, 3.3.5.7 and 3.3.5.9.10.</summary>
public sealed class CreatePersistentTests : PersistentHost
{
    [Test]
    public async Task Server_and_share_say_that_they_have_them()
    {
        using var session = Host.Negotiate(client: 1);
        session.LogOn(SmbHost.User, SmbHost.Password).Require(NtStatus.Success);
        var continuous = session.Connect(SmbHost.ContinuousShare).Require(NtStatus.Success);
        Assert.That((ShareCapabilities)continuous.U32(8), Is.EqualTo(ShareCapabilities.ContinuousAvailability));
        var plain = session.Connect(SmbHost.Share).Require(NtStatus.Success);
        Assert.That((ShareCapabilities)plain.U32(8), Is.EqualTo(ShareCapabilities.None));

        using var again = await Host.ConnectAsync();
        Assert.That((await again.NegotiateAsync(Smb2Dialect.Smb300)).Capabilities & Smb2Capabilities.PersistentHandles, Is.Not.EqualTo(Smb2Capabilities.None));
        using var old = await Host.ConnectAsync();
        Assert.That((await old.NegotiateAsync(Smb2Dialect.Smb210)).Capabilities & Smb2Capabilities.PersistentHandles, Is.EqualTo(Smb2Capabilities.None));
        await using var without = await SmbHost.StartAsync();
        using var other = await without.ConnectAsync();
        Assert.That((await other.NegotiateAsync(Smb2Dialect.Smb300)).Capabilities & Smb2Capabilities.PersistentHandles, Is.EqualTo(Smb2Capabilities.None));
    }

    [TestCase((byte)0)]
    [TestCase((byte)1)]
    [TestCase((byte)8)]
    [TestCase((byte)9)]
    public void Whatever_is_cached(byte oplock)
    {
        var reply = Enter().Ask(Smb2Command.Create, Body(oplock: oplock)).Require(NtStatus.Success);
        Assert.That(FlagsOf(reply), Is.EqualTo(Persistent));
        Assert.That(Host.Tree.Opens.PersistentCount, Is.EqualTo(1));
    }

    [TestCase(0u, 60_000u)]
    [TestCase(1_234u, 1_234u)]
    [TestCase(900_000u, 300_000u)]
    [TestCase(uint.MaxValue, 300_000u)]
    public void Its_time_is_limited(uint asked, uint granted)
    {
        var reply = Enter().Ask(Smb2Command.Create, Body(timeout: asked)).Require(NtStatus.Success);
        Assert.That(BitConverter.ToUInt32(reply.CreateContext("DH2Q")!), Is.EqualTo(granted));
    }

    [Test]
    public void Not_where_it_is_not_asked_for_or_not_offered()
    {
        var continuous = Enter();
        Assert.That(FlagsOf(continuous.Ask(Smb2Command.Create, Body("a", flags: 0))), Is.Null);
        Assert.That(FlagsOf(continuous.Ask(Smb2Command.Create, Body("b", Another(), flags: 0, oplock: 9))), Is.Zero, "durable");
        Assert.That(FlagsOf(Enter(share: SmbHost.Share).Ask(Smb2Command.Create, Body("c", Another()))), Is.Null);
        Assert.That(FlagsOf(Enter(share: SmbHost.Share).Ask(Smb2Command.Create, Body("d", Another(), oplock: 9))), Is.Zero);
        Assert.That(FlagsOf(Enter(dialects: 0x0210).Ask(Smb2Command.Create, Body("e", Another(), oplock: 9))), Is.Null);
        Assert.That(FlagsOf(continuous.Ask(Smb2Command.Create, Body("g", Another(), options: 1))), Is.Null, "a directory");
        Assert.That(FlagsOf(continuous.Ask(Smb2Command.Create, Body("h", Guid.Empty))), Is.Null, "without a name");
        Assert.That(Host.Tree.Opens.PersistentCount, Is.Zero);
    }

    [Test]
    public async Task The_persistent_half_of_an_id_is_never_given_twice()
    {
        var ids = new HashSet<ulong>();
        for (var epoch = 0; epoch < 3; epoch++)
        {
            var session = Enter();
            for (var i = 0; i < 10; i++)
            {
                var file = Persist(session, create: Another());
                Assert.That(ids.Add(file.Persistent));
                session.CloseFile(file);
            }

            await FailOverAsync();
        }
    }

    [Test]
    public void A_second_create_of_the_name_is_refused_and_a_replay_answered_however_the_open_was_used()
    {
        var session = Enter();
        var file = Persist(session);
        session.WriteFile(file, 0, "text"u8);
        Assert.That(session.Ask(Smb2Command.Create, Body()).Status, Is.EqualTo(NtStatus.DuplicateObjectid));
        var replay = session.Replay(Smb2Command.Create, Body()).Require(NtStatus.Success);
        Assert.That(replay.FileId, Is.EqualTo(file));
        Assert.That(FlagsOf(replay), Is.EqualTo(Persistent));
        session.CloseFile(file);
        Assert.That(Persist(session), Is.Not.EqualTo(file), "the name is free again");
    }
}
