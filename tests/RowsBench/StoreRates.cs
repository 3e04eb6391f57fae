using System.Buffers.Binary;
using System.Diagnostics;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.RowsBench;

/// <summary>Mutations from many callers through a whole volume store.</summary>
internal static class StoreRates
{
    public static async Task RunAsync(string directory, int mutations)
    {
        foreach (var (engine, callers, rows) in new[]
        {
            ("memory", 256, 1), ("lmdb", 1, 1), ("lmdb", 16, 1), ("lmdb", 256, 1), ("lmdb", 256, 4), ("lmdb", 4096, 1),
        })
        {
            using IRowStore store = engine == "memory"
                ? new MemoryRowStore()
                : LmdbRowStore.Open(Path.Join(directory, $"store-{callers}-{rows}"));
            var count = callers == 1 ? Math.Min(2000, mutations) : mutations;
            await RunAsync($"{engine}, {callers} callers, {rows} rows", store, count, callers, rows);
        }
    }

    private static async Task RunAsync(string what, IRowStore rows, int mutations, int callers, int rowsEach)
    {
        using var journal = new LateJournal(TimeSpan.FromMilliseconds(1));
        await using var store = new VolumeStore(
            rows, journal, new MemorySlices(), new VolumeStoreOptions(), TimeProvider.System,
            NullLogger<VolumeStore>.Instance);
        journal.Start(store.Listener);
        await store.Ready;
        var warm = Math.Min(mutations, 20_000);
        await CallAsync(store, 0, warm, callers, rowsEach);

        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var (allocated, entries, watch) = (GC.GetTotalAllocatedBytes(), journal.Entries, Stopwatch.StartNew());
        await CallAsync(store, warm, warm + mutations, callers, rowsEach);
        watch.Stop();
        process.Refresh();
        Report.Print(
            $"mutations, {what}", mutations, watch.Elapsed, process.TotalProcessorTime - cpu,
            GC.GetTotalAllocatedBytes() - allocated);
        Console.Out.WriteLine($"    {(double)mutations / (journal.Entries - entries):N1} mutations per entry");
    }

    private static Task CallAsync(VolumeStore store, int from, int to, int callers, int rowsEach)
    {
        var next = from;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var mutation = new Put(rowsEach);
            while (Interlocked.Increment(ref next) is var number && number <= to)
            {
                mutation.Number = number;
                if (await store.ExecuteAsync(mutation) != StoreOutcome.Ok) throw new UnreachableException();
            }
        })));
    }

    /// <summary>A lookup and some new rows: what a create does, in small.</summary>
    private sealed class Put(int rows) : Mutation
    {
        private readonly byte[] _key = new byte[13];
        private readonly byte[] _value = new byte[96];

        public int Number { get; set; }

        public override void Execute(MutationContext context)
        {
            for (var i = 0; i < rows; i++)
            {
                _key[0] = (byte)(1 + i);
                BinaryPrimitives.WriteInt64BigEndian(_key.AsSpan(1), Number);
                if (!context.TryGet(_key, out _)) context.Put(_key, _value);
            }
        }
    }
}
