using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>What a killed gateway and a lost connection leave of an SMB client's work.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbKillTests
{
    private const int PartBytes = 64 << 10;
    private const int PartsMax = 4000;

    [Test]
    public async Task WhatWasWrittenIsThereAfterTheGatewayWasKilled([Values(1, 2)] int seed)
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        try
        {
            var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
            var written = 0;
            var copying = Task.Run(() => Copy(target, seed, ref written));
            Assert.That(await Poll.UntilAsync(() => Volatile.Read(ref written) > 20 * seed, TimeSpan.FromMinutes(1)));
            await gateway.KillAsync();
            await copying;
            gateway.Dispose();
            gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");

            using var session = target.Open();
            AssertParts(session, seed, written);
            TestContext.Out.WriteLine($"measured: {written} writes of {PartBytes >> 10} KiB were answered before the kill");
        }
        finally
        {
            gateway.Dispose();
        }
    }

    [Test]
    public async Task WhatWasFlushedOnAWriteBackShareIsThereAfterEverythingWasKilled()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        string[] options = ["--smb-port", "445", "--shares", "files,fast=fast:writeback"];
        await cluster.StartAsync(options);
        var target = new SmbTarget(network, await cluster.Nasgate.AddUserAsync("lab"));
        using (var session = target.Open()) session.CloseFile(session.CreateDirectory("fast"));

        var flushed = 0;
        var copying = Task.Run(() => Copy(target, 3, ref flushed, "fast", flushEach: 7));
        Assert.That(await Poll.UntilAsync(() => Volatile.Read(ref flushed) > 70, TimeSpan.FromMinutes(1)));
        await cluster.KillNodeAsync(1);
        var before = Volatile.Read(ref flushed);
        Assert.That(await Poll.UntilAsync(() => Volatile.Read(ref flushed) > before + 70, TimeSpan.FromMinutes(1)), "two nodes go on");
        await cluster.StartNodeAsync(1);
        await cluster.KillEverythingAsync();
        await copying;
        await cluster.StartAsync(options);

        using var reading = target.Open(share: "fast");
        AssertParts(reading, 3, flushed);
        TestContext.Out.WriteLine($"measured: {flushed} writes of {PartBytes >> 10} KiB were flushed before everything was killed");
    }

    [Test]
    public async Task WhatWasMadeRenamedAndRemovedStaysSoAfterTheGatewayWasKilled()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        try
        {
            var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
            using (var session = target.Open())
            {
                session.WriteAll("made", "content"u8);
                session.WriteAll("made:stream", "aside"u8);
                session.WriteAll("before", "moved"u8);
                session.WriteAll("going", "gone"u8);
                var moved = session.CreateFile("before", access: 0x13019F, disposition: 1);
                session.Ask(Smb2Command.SetInfo, Bodies.SetInfo(moved, 1, 10, Bodies.RenameContent("after", false))).Require(NtStatus.Success);
                var removed = session.CreateFile("going", access: 0x13019F, disposition: 1, options: 0x1000);
                session.CloseFile(removed);
                await gateway.KillAsync();
            }

            gateway.Dispose();
            gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
            using var again = target.Open();
            Assert.That(again.ReadAll("made", 10), Is.EqualTo("content"u8.ToArray()));
            Assert.That(again.ReadAll("made:stream", 10), Is.EqualTo("aside"u8.ToArray()));
            Assert.That(again.ReadAll("after", 10), Is.EqualTo("moved"u8.ToArray()));
            Assert.That(again.Exists("before"), Is.False);
            Assert.That(again.Exists("going"), Is.False);
        }
        finally
        {
            gateway.Dispose();
        }
    }

    [Test]
    public async Task AKernelFindsWhatItSyncedWithoutMountingAgain()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        string[] options = ["--portmap", "--smb-port", "445"];
        var gateway = await nasgate.UpAsync(directory["data"], options);
        try
        {
            using var guest = await LockingGuest.BootAsync(network, directory, await nasgate.AddUserAsync("lab"));
            await guest.RunAsync("head -c 8M /dev/urandom > /tmp/source");
            Assert.That(await guest.RunAsync($"cd {LockingGuest.SmbMount} && dd if=/tmp/source of=synced bs=1M conv=fsync status=none && echo synced"), Is.EqualTo("synced\n"));
            await gateway.KillAsync();
            gateway.Dispose();
            gateway = await nasgate.UpAsync(directory["data"], options);

            Assert.That(await guest.RunAsync("echo 3 > /proc/sys/vm/drop_caches; cmp /tmp/source synced && echo same"), Is.EqualTo("same\n"));
            Assert.That(await guest.RunAsync("cp synced again && cmp /tmp/source again && echo same; cd /"), Is.EqualTo("same\n"));
        }
        finally
        {
            gateway.Dispose();
        }
    }

    [Test]
    public async Task ADurableHandleIsTakenUpAgainAfterTheConnectionWasLost()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
        var create = new Guid("d07ab1e0-0000-4000-8000-000000000001");
        var lease = new Guid("d07ab1e0-0000-4000-8000-000000000002");

        var first = target.Open();
        var made = first.Ask(Smb2Command.Create, Bodies.Create(
            "durable", oplock: 0xFF, contexts: [.. Bodies.DurableContext(create, last: false), .. Bodies.LeaseContext(lease, 7)]));
        var file = made.Require(NtStatus.Success).FileId;
        first.WriteFile(file, 0, "before"u8);
        first.Ask(Smb2Command.Lock, Bodies.Lock(file, (0UL, 6UL, 0x12u))).Require(NtStatus.Success);
        first.Link.Break();

        using var second = target.Reopen(first);
        var again = second.Ask(Smb2Command.Create, Bodies.Create(
            "durable", oplock: 0xFF, disposition: 1,
            contexts: [.. Bodies.ReconnectContext(file, create, last: false), .. Bodies.LeaseContext(lease, 7)]));
        var taken = again.Require(NtStatus.Success).FileId;
        Assert.That(taken.Persistent, Is.EqualTo(file.Persistent));
        Assert.That(second.ReadFile(taken, 0, 6), Is.EqualTo("before"u8.ToArray()));
        second.Ask(Smb2Command.Lock, Bodies.Lock(taken, (0UL, 6UL, 4u))).Require(NtStatus.Success);
        second.CloseFile(taken);
        first.Dispose();
    }

    /// <summary>Each write is answered or not when the connection is lost: the client repeats it, and none is missing.</summary>
    [Test]
    public async Task ACopyGoesOnOverManyLostConnections()
    {
        const int Losses = 20;
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
        var create = new Guid("d07ab1e0-0000-4000-8000-000000000005");
        var lease = new Guid("d07ab1e0-0000-4000-8000-000000000006");

        var session = target.Open();
        var file = session.Ask(Smb2Command.Create, Bodies.Create(
            "copied", oplock: 0xFF, contexts: [.. Bodies.DurableContext(create, last: false), .. Bodies.LeaseContext(lease, 7)]))
            .Require(NtStatus.Success).FileId;
        for (var part = 0; part < Losses; part++)
        {
            session.Send(Smb2Command.Write, Bodies.Write(file, (ulong)part * PartBytes, Part(5, part)));
            session.Link.Break();
            var again = target.Reopen(session);
            session.Dispose();
            session = again;
            file = session.Ask(Smb2Command.Create, Bodies.Create(
                "copied", oplock: 0xFF, disposition: 1,
                contexts: [.. Bodies.ReconnectContext(file, create, last: false), .. Bodies.LeaseContext(lease, 7)]))
                .Require(NtStatus.Success).FileId;
            session.WriteFile(file, (ulong)part * PartBytes, Part(5, part));
        }

        session.CloseFile(file);
        AssertParts(session, 5, Losses);
        session.Dispose();
    }

    [Test]
    public async Task ADurableHandleOfAKilledGatewayIsRefusedAndTheFileIsThere()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        try
        {
            var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
            var create = new Guid("d07ab1e0-0000-4000-8000-000000000007");
            var lease = new Guid("d07ab1e0-0000-4000-8000-000000000008");
            SmbFileId file;
            using (var first = target.Open())
            {
                file = first.Ask(Smb2Command.Create, Bodies.Create(
                    "durable", oplock: 0xFF, contexts: [.. Bodies.DurableContext(create, last: false), .. Bodies.LeaseContext(lease, 7)]))
                    .Require(NtStatus.Success).FileId;
                first.WriteFile(file, 0, "before"u8);
                await gateway.KillAsync();
            }

            gateway.Dispose();
            gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
            using var second = target.Open();
            var again = second.Ask(Smb2Command.Create, Bodies.Create(
                "durable", oplock: 0xFF, disposition: 1,
                contexts: [.. Bodies.ReconnectContext(file, create, last: false), .. Bodies.LeaseContext(lease, 7)]));
            Assert.That(again.Status, Is.EqualTo(NtStatus.ObjectNameNotFound));
            Assert.That(second.ReadAll("durable", 10), Is.EqualTo("before"u8.ToArray()));
        }
        finally
        {
            gateway.Dispose();
        }
    }

    [Test]
    public async Task ADurableHandleIsNobodyElses()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
        var thief = new SmbTarget(network, await nasgate.AddUserAsync("thief"));
        var create = new Guid("d07ab1e0-0000-4000-8000-000000000003");
        var lease = new Guid("d07ab1e0-0000-4000-8000-000000000004");

        var first = target.Open();
        var file = first.Ask(Smb2Command.Create, Bodies.Create(
            "mine", oplock: 0xFF, contexts: [.. Bodies.DurableContext(create, last: false), .. Bodies.LeaseContext(lease, 7)])).FileId;
        first.Link.Break();
        using var second = thief.Open();
        var again = second.Ask(Smb2Command.Create, Bodies.Create(
            "mine", oplock: 0xFF, disposition: 1,
            contexts: [.. Bodies.ReconnectContext(file, create, last: false), .. Bodies.LeaseContext(lease, 7)]));
        Assert.That(again.Status, Is.AnyOf(NtStatus.ObjectNameNotFound, NtStatus.AccessDenied));
        first.Dispose();
    }

    private static void AssertParts(SmbSession session, int seed, int parts)
    {
        var file = session.CreateFile("copied", access: 0x120089, disposition: 1);
        for (var part = 0; part < parts; part++)
            Assert.That(session.ReadFile(file, (ulong)part * PartBytes, PartBytes), Is.EqualTo(Part(seed, part)), $"part {part}");
    }

    // Counts the parts that were answered; with flushEach those that a FLUSH has made durable.
    private static void Copy(SmbTarget target, int seed, ref int written, string share = "files", int flushEach = 0)
    {
        using var session = target.Open(share: share);
        try
        {
            var file = session.CreateFile("copied", disposition: 5);
            for (var part = 0; part < PartsMax; part++)
            {
                session.WriteFile(file, (ulong)part * PartBytes, Part(seed, part));
                if (flushEach > 0)
                {
                    if (part % flushEach != 0) continue;
                    session.Ask(Smb2Command.Flush, Bodies.Flush(file)).Require(NtStatus.Success);
                }

                Volatile.Write(ref written, part + 1);
            }
        }
        catch (IOException)
        {
            // The gateway was killed, as it should be.
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The same, while sending.
        }
    }

    private static byte[] Part(int seed, int part)
    {
        var content = new byte[PartBytes];
        new Random((seed * 100_000) + part).NextBytes(content);
        return content;
    }
}
