using System.Buffers.Binary;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>What many SMB clients that move large files, and those who stop in the middle, make the process hold.</summary>
[TestFixture, Category("Faults")]
public sealed class SmbMemoryTests
{
    // docs/operations.md: what `nasgate up` is to stay below.
    private const long ResidentBytesMax = 600L << 20;

    private const int PartBytes = 8 << 20;
    private const int Workers = 16;
    private const int IdleClients = 100;
    private const int StalledClients = 12;

    private static readonly TimeSpan WorkFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(60);

    private static readonly SmbSessionOptions Large = new() { Credits = 512, ReplyMax = NoticeMax };

    [Test]
    public async Task TheProcessStaysBelowItsMark()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        var nasgate = new Nasgate(network, directory);
        using var gateway = await nasgate.UpAsync(directory["data"], "--smb-port", "445");
        var target = new SmbTarget(network, await nasgate.AddUserAsync("lab"));
        var started = gateway.ResidentBytes;
        using var peak = new PeakMemory(gateway);

        using var stop = new CancellationTokenSource();
        var idle = Enumerable.Range(0, IdleClients).Select(_ => target.Open()).ToList();
        var workers = Enumerable.Range(0, Workers).Select(worker => Task.Factory.StartNew(
            () => Work(target, worker, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
        await Task.WhenAny(Task.Delay(WorkFor), Task.WhenAll(workers));
        var working = peak.Bytes;

        var stalled = Enumerable.Range(0, StalledClients).Select(client => Stall(target, client)).ToList();
        await Task.WhenAny(Task.Delay(WorkFor), Task.WhenAll(workers));
        await stop.CancelAsync();
        stalled.ForEach(session => session.Dispose());
        idle.ForEach(session => session.Dispose());
        var moved = await Task.WhenAll(workers);

        TestContext.Progress.WriteLine(
            $"measured: {started >> 20} MiB resident before; {working >> 20} MiB at most while {Workers} SMB clients moved {moved.Sum() >> 20} MiB, "
            + $"{peak.Bytes >> 20} MiB with {StalledClients} more that stopped in the middle");
        Assert.That(moved, Is.All.Positive);
        Assert.That(peak.Bytes, Is.LessThan(ResidentBytesMax));
    }

    // Writes and reads a file of its own, two requests of the largest size at a time.
    private static long Work(SmbTarget target, int worker, CancellationToken stop)
    {
        using var session = target.Open(Large);
        var file = session.CreateFile($"large{worker}", disposition: 5);
        var part = new byte[PartBytes];
        new Random(worker).NextBytes(part);
        const ushort Charge = PartBytes / 65536;
        for (var credits = 0; credits < 4 * Charge; credits += 512) session.Ask(Smb2Command.Echo, Bodies.Empty());
        var moved = 0L;
        while (!stop.IsCancellationRequested)
        {
            ulong[] writes = [.. Enumerable.Range(0, 2).Select(at => session.Send(Smb2Command.Write, Bodies.Write(file, (ulong)at * PartBytes, part), Charge))];
            foreach (var write in writes) session.Await(write).Require(NtStatus.Success);
            ulong[] reads = [.. Enumerable.Range(0, 2).Select(at => session.Send(Smb2Command.Read, Bodies.Read(file, (ulong)at * PartBytes, PartBytes), Charge))];
            foreach (var read in reads)
            {
                var content = session.Await(read).Require(NtStatus.Success).Body[16..];
                if (!content.SequenceEqual(part)) throw new IOException("READ gave other content than was written.");
            }

            moved += 4L * PartBytes;
        }

        return moved;
    }

    // One half never sends the rest of a WRITE, the other never takes what it asked for.
    private static SmbSession Stall(SmbTarget target, int client)
    {
        var session = target.Open(Large);
        var file = session.CreateFile("large0", access: 0x12019F);
        session.Ask(Smb2Command.Echo, Bodies.Empty());
        const ushort Charge = PartBytes / 65536;
        if (client % 2 == 0)
        {
            for (var i = 0; i < 4; i++) session.Send(Smb2Command.Read, Bodies.Read(file, 0, PartBytes), Charge);
            return session;
        }

        var head = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(head, PartBytes + 112);
        session.Link.SendRaw(head);
        session.Link.SendRaw(new byte[100_000]);
        return session;
    }
}
