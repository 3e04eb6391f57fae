using System.Diagnostics;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Numbers, not checks: run by name.</summary>
[Explicit("Measures the machine it runs on.")]
public sealed class VolumeSpeed
{
    [Test]
    public async Task Latency_and_rate()
    {
        await using var cluster = new TestCluster(large: true);
        await cluster.StartNodesAsync();
        var store = (await cluster.OpenAsync()).Store;
        await CommitAsync(store, 500, 1);
        foreach (var depth in new[] { 1, 16, 128 }) await CommitAsync(store, 2000 * Math.Min(depth, 16), depth);
        var slices = await WriteAsync(store, 256, 6);
        await ReadAsync(store, slices, 4);
    }

    private static async Task CommitAsync(IVolumeStore store, int count, int depth)
    {
        var latencies = new double[count];
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Task.Run(async () =>
        {
            for (int at; (at = Interlocked.Increment(ref next)) < count;)
            {
                var sent = Stopwatch.GetTimestamp();
                await store.ExecuteAsync(new TestCluster.PutRow($"row{at}", new byte[100]));
                latencies[at] = Stopwatch.GetElapsedTime(sent).TotalMicroseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.Sort(latencies);
        TestContext.Out.WriteLine(
            $"commit depth {depth}: p50 {latencies[count / 2]:F0} us, "
            + $"p99 {latencies[count * 99 / 100]:F0} us, {count / seconds:F0}/s");
    }

    private static async Task<List<SliceRef>> WriteAsync(IVolumeStore store, int count, int depth)
    {
        var data = new byte[SliceLimits.BytesMax];
        new Random(1).NextBytes(data);
        var slices = new List<SliceRef>();
        var next = 0;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) <= count)
            {
                var written = await store.WriteSliceAsync(data);
                Assert.That(written.Outcome, Is.EqualTo(StoreOutcome.Ok));
                lock (slices) slices.Add(written.Slice);
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        TestContext.Out.WriteLine($"slice writes: {count * 4 / seconds:F0} MiB/s of client data");
        return slices;
    }

    private static async Task ReadAsync(IVolumeStore store, List<SliceRef> slices, int depth)
    {
        const int piece = 1 << 20;
        var pieces = slices.Count * 4;
        var next = -1;
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, depth).Select(_ => Task.Run(async () =>
        {
            var buffer = new byte[piece];
            for (int at; (at = Interlocked.Increment(ref next)) < pieces;)
            {
                var outcome = await store.ReadSliceAsync(slices[at / 4], at % 4 * piece, buffer);
                Assert.That(outcome, Is.EqualTo(StoreOutcome.Ok));
            }
        })));
        TestContext.Out.WriteLine($"slice reads: {pieces / Stopwatch.GetElapsedTime(began).TotalSeconds:F0} MiB/s");
    }
}
