using System.Diagnostics;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>What persistent handles cost one client that waits for each answer: printed, not asserted.</summary>
[TestFixture, Explicit("Measures.")]
public sealed class SmbPersistentCost
{
    private const int Operations = 1000;
    private const int Runs = 3;
    private const uint ExclusiveAtOnce = 0x12;
    private const uint Unlock = 4;

    [Test]
    public async Task OfEachOperation()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var gateway = await PersistentGateway.StartAsync(network, directory);
        using var session = gateway.Open();
        for (var run = 0; run < Runs; run++)
        {
            foreach (var (kind, flags) in new[] { ("ordinary", (uint?)null), ("durable", 0u), ("persistent", 2u) })
                TestContext.Out.WriteLine($"measured: {kind}: {Measure(session, $"{kind}{run}", flags)}");
        }
    }

    private static string Measure(SmbSession session, string name, uint? flags)
    {
        var files = new SmbFileId[Operations];
        var made = Time(number => files[number] = Create(session, $"{name}{number}", flags, disposition: 2));
        var closed = Time(number => session.CloseFile(files[number]));
        var opened = Time(number => files[number] = Create(session, $"{name}{number}", flags, disposition: 1));
        var file = files[0];
        var locked = Time(number => session.Ask(
            Smb2Command.Lock, Bodies.Lock(file, ((ulong)number, 1UL, ExclusiveAtOnce))).Require(NtStatus.Success));
        var unlocked = Time(number => session.Ask(
            Smb2Command.Lock, Bodies.Lock(file, ((ulong)number, 1UL, Unlock))).Require(NtStatus.Success));
        var content = new byte[4096];
        var written = Time(number => session.WriteFile(file, (ulong)number * 4096, content));
        foreach (var one in files) session.CloseFile(one);
        return $"make {made}, close {closed}, open {opened}, lock {locked}, unlock {unlocked}, write 4 KiB {written} µs";
    }

    private static long Time(Action<int> operation)
    {
        var watch = Stopwatch.StartNew();
        for (var number = 0; number < Operations; number++) operation(number);
        return watch.ElapsedTicks * 1_000_000 / Stopwatch.Frequency / Operations;
    }

    private static SmbFileId Create(SmbSession session, string name, uint? flags, uint disposition)
    {
        byte[] contexts = flags is { } given ? Bodies.DurableContext(Guid.CreateVersion7(), flags: given) : [];
        return session.CreateFile(name, disposition: disposition, oplock: 9, contexts: contexts);
    }
}
