using System.Globalization;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Clients of a continuous share do not notice that its gateway was killed, whatever they were doing.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbPersistentTests
{
    private const uint Persistent = 2;
    private const uint Everything = 0x1F01FF;
    private const uint ExclusiveAtOnce = 0x12;
    private const uint Unlock = 4;
    private const byte Rename = 10;
    private const byte Disposition = 13;

    private static readonly TimeSpan GuestMax = TimeSpan.FromMinutes(2);

    private static Guid Create { get; } = new("9e7515e0-0000-4000-8000-000000000001");

    private static Guid Lease { get; } = new("9e7515e0-0000-4000-8000-000000000002");

    [Test]
    public async Task EveryStepIsThereAfterAKill()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var gateway = await PersistentGateway.StartAsync(network, directory);
        var session = gateway.Open();
        var file = session.Ask(Smb2Command.Create, CreateBody()).Require(NtStatus.Success).FileId;

        await StepAsync("create");
        session.WriteFile(file, 0, "first"u8);

        await StepAsync("write");
        Assert.That(session.ReadFile(file, 0, 10), Is.EqualTo("first"u8.ToArray()));
        session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 1, 0, (0UL, 5UL, ExclusiveAtOnce))).Require(NtStatus.Success);

        await StepAsync("lock");
        using (var other = gateway.Open(client: 2))
        {
            // Only the lock stands against an open that reads.
            var waits = other.Send(Smb2Command.Create, Bodies.Create("kept", access: 0x120089, disposition: 1));
            var notice = session.AwaitNotification();
            Assert.That((notice.U32(24), notice.U32(28)), Is.EqualTo((7u, 3u)));
            session.Ask(Smb2Command.OplockBreak, Bodies.LeaseAcknowledgment(Lease, 3)).Require(NtStatus.Success);
            var read = other.Await(waits).Require(NtStatus.Success).FileId;
            Assert.That(other.Ask(Smb2Command.Read, Bodies.Read(read, 0, 5)).Status, Is.EqualTo(NtStatus.FileLockConflict));
        }

        await StepAsync("break");
        session.Ask(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, Rename, Bodies.RenameContent("renamed", false)))
            .Require(NtStatus.Success);

        await StepAsync("rename", "renamed");
        session.Ask(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, Rename, Bodies.RenameContent("renamed", false)))
            .Require(NtStatus.Success);
        session.Ask(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, Disposition, [1])).Require(NtStatus.Success);

        await StepAsync("disposition", "renamed");
        using (var other = gateway.Open(client: 2))
            other.Ask(Smb2Command.Create, Bodies.Create("renamed", access: 0x80, disposition: 1)).Require(NtStatus.DeletePending);
        session.Ask(Smb2Command.Lock, Bodies.NumberedLock(file, 1, 1, (0UL, 5UL, Unlock))).Require(NtStatus.Success);

        await StepAsync("unlock", "renamed");
        session.CloseFile(file);

        await gateway.FailOverAsync();
        session.Dispose();
        using var last = gateway.Open();
        Assert.That((last.Exists("kept"), last.Exists("renamed")), Is.EqualTo((false, false)));
        Assert.That(Reconnect(last, file, "renamed").Status, Is.EqualTo(NtStatus.ObjectNameNotFound));

        async Task StepAsync(string step, string name = "kept")
        {
            await gateway.FailOverAsync();
            session.Dispose();
            session = gateway.Open();
            var reply = Reconnect(session, file, name);
            Assert.That(reply.Status, Is.EqualTo(NtStatus.Success), step);
            Assert.That(reply.FileId.Persistent, Is.EqualTo(file.Persistent), step);
            file = reply.FileId;
        }
    }

    /// <summary>Killed as soon as the request is sent: carried out or not, and nobody knows which.</summary>
    [Test]
    public async Task WhatWasNotAnsweredIsCarriedOutOnceWhenItIsSentAgain()
    {
        const int Rounds = 3;
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var gateway = await PersistentGateway.StartAsync(network, directory);
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"round{round}";
            var create = new Guid(1 + round, 0, 0, new byte[8]);
            var session = gateway.Open();
            var body = CreateBody(name, create, disposition: 2);
            session.Send(Smb2Command.Create, body);
            session = await AgainAsync(session);
            var replay = session.Replay(Smb2Command.Create, body).Require(NtStatus.Success);
            Assert.That(replay.CreateContext("DH2Q")![4], Is.EqualTo(Persistent));
            var file = replay.FileId;

            session.Send(Smb2Command.Lock, LockBody(file, 1, ExclusiveAtOnce));
            session = await AgainAsync(session);
            file = Reconnect(session, file, name, create).Require(NtStatus.Success).FileId;
            session.Ask(Smb2Command.Lock, LockBody(file, 1, ExclusiveAtOnce)).Require(NtStatus.Success);

            session.Send(Smb2Command.Lock, LockBody(file, 2, Unlock));
            session = await AgainAsync(session);
            file = Reconnect(session, file, name, create).Require(NtStatus.Success).FileId;
            session.Ask(Smb2Command.Lock, LockBody(file, 2, Unlock)).Require(NtStatus.Success);
            session.Ask(Smb2Command.Lock, LockBody(file, 3, Unlock)).Require(NtStatus.RangeNotLocked);

            session.Send(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, Rename, Bodies.RenameContent("new" + name, false)));
            session = await AgainAsync(session);
            file = ReconnectByEither(session, file, name, create).FileId;
            session.Ask(Smb2Command.SetInfo, Bodies.SetInfo(file, 1, Rename, Bodies.RenameContent("new" + name, false)))
                .Require(NtStatus.Success);
            session.CloseFile(file);
            Assert.That((session.Exists(name), session.Exists("new" + name)), Is.EqualTo((false, true)));
            session.Dispose();
        }

        async Task<SmbSession> AgainAsync(SmbSession former)
        {
            await gateway.FailOverAsync();
            former.Dispose();
            return gateway.Open();
        }

        static byte[] LockBody(SmbFileId file, uint number, uint flags) =>
            Bodies.NumberedLock(file, 5, number, (0UL, 5UL, flags), (10UL, 5UL, flags));

        // Whether the rename was carried out is what the client does not know; the name must be right.
        static SmbReply ReconnectByEither(SmbSession session, SmbFileId file, string name, Guid create)
        {
            var reply = Reconnect(session, file, name, create);
            return reply.Status == NtStatus.InvalidParameter
                ? Reconnect(session, file, "new" + name, create).Require(NtStatus.Success)
                : reply.Require(NtStatus.Success);
        }
    }

    [Test]
    public async Task AKernelGoesOnWithItsFileAndItsLock()
    {
        const int Kills = 3;
        const string Mount = "/mnt/lasting";
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var gateway = await PersistentGateway.StartAsync(network, directory);
        using var guest = await LockingGuest.BootAsync(network, directory, gateway.Target.User);
        await guest.RunAsync("gcc -O1 -o /tmp/keep \"$LAB_WORK/guest/keep.c\"");
        // At times this kernel takes up its handles only with its next echo, and is slow when the machine is busy.
        await guest.RunAsync(
            $"mkdir -p {Mount} && mount -t cifs //$LAB_HOST/{PersistentGateway.Share} {Mount}"
            + " -o credentials=$LAB_CREDENTIALS,vers=3.1.1,hard,persistenthandles,nostrictsync,handletimeout=300000,echo_interval=5");
        Assert.That(await guest.RunAsync($"grep ' {Mount} cifs ' /proc/mounts"), Does.Contain("persistenthandles"));
        await guest.RunAsync($"echo 0 > /tmp/kept; /tmp/keep {Mount}/kept 64 /tmp/stop /tmp/kept &");
        var rounds = await RoundsAsync(above: 0);
        for (var kill = 0; kill < Kills; kill++)
        {
            await gateway.KillAsync();
            await gateway.StartAsync();
            await AssertLockIsHeldAsync($"kill {kill}");
            rounds = await RoundsAsync(above: rounds + 2);
        }

        await guest.RunAsync("touch /tmp/stop");
        var isDone = await Poll.UntilAsync(
            async () => (await StateAsync()).StartsWith("done ", StringComparison.Ordinal), GuestMax);
        var state = await StateAsync();
        Assert.That(isDone, state);

        // What a kernel was sending when its connection was reset, it may give up.
        Assert.That(int.Parse(state.Split(' ')[^1], CultureInfo.InvariantCulture), Is.LessThanOrEqualTo(Kills), state);
        await AssertLockIsHeldAsync("at the end");
        TestContext.Out.WriteLine($"measured: {state}, rounds of 4 MiB written and read over {Kills} kills");

        Task<string> StateAsync() => guest.RunAsync("cat /tmp/kept");

        async Task<int> RoundsAsync(int above)
        {
            var said = "";
            var found = 0;
            var reached = await Poll.UntilAsync(
                async () => !int.TryParse(said = await StateAsync(), out found) || found > above, GuestMax);
            Assert.That(reached && int.TryParse(said, out _), $"{said} after {above} rounds");
            return found;
        }

        async Task AssertLockIsHeldAsync(string when)
        {
            using var other = gateway.Open(client: 2);
            try
            {
                var file = other.CreateFile("kept", disposition: 1);
                var locked = other.Ask(Smb2Command.Lock, Bodies.Lock(file, (0UL, 1UL, ExclusiveAtOnce)));
                Assert.That(locked.Status, Is.EqualTo(NtStatus.LockNotGranted), when);
                other.CloseFile(file);
            }
            catch
            {
                var kernel = await guest.RunAsync("dmesg | grep CIFS | tail -20");
                await TestContext.Out.WriteLineAsync($"{when}: {await StateAsync()}\n{kernel}\n{gateway.LastWords}");
                throw;
            }
        }
    }

    private static byte[] CreateBody(string name = "kept", Guid? create = null, uint disposition = 3) => Bodies.Create(
        name,
        Everything,
        disposition,
        oplock: 0xFF,
        contexts: [.. Bodies.DurableContext(create ?? Create, last: false, flags: Persistent), .. Bodies.LeaseContext(Lease, 7)]);

    private static SmbReply Reconnect(SmbSession session, SmbFileId file, string name, Guid? create = null) => session.Ask(
        Smb2Command.Create,
        Bodies.Create(
            name,
            oplock: 0xFF,
            contexts:
            [
                .. Bodies.ReconnectContext(file, create ?? Create, last: false, flags: Persistent), .. Bodies.LeaseContext(Lease, 7),
            ]));
}
