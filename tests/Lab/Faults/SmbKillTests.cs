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
            var file = session.CreateFile("copied", access: 0x120089, disposition: 1);
            for (var part = 0; part < written; part++)
                Assert.That(session.ReadFile(file, (ulong)part * PartBytes, PartBytes), Is.EqualTo(Part(seed, part)), $"part {part}");
            TestContext.Out.WriteLine($"measured: {written} writes of {PartBytes >> 10} KiB were answered before the kill");
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

        using var second = target.Open();
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

    private static void Copy(SmbTarget target, int seed, ref int written)
    {
        using var session = target.Open();
        try
        {
            var file = session.CreateFile("copied", disposition: 5);
            for (var part = 0; part < PartsMax; part++)
            {
                session.WriteFile(file, (ulong)part * PartBytes, Part(seed, part));
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
