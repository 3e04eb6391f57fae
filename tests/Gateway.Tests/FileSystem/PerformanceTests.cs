using System.Diagnostics;
using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

/// <summary>Rates over rows in memory: what the file system itself costs. Run by hand.</summary>
[TestFixture]
[Explicit("measures, and checks nothing")]
public sealed class PerformanceTests : TreeFixture
{
    private const int Count = 200_000;

    [Test]
    public async Task Rates()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var names = Enumerable.Range(0, Count).Select(i => Bytes($"file{i:D7}")).ToArray();
        await MeasureAsync("create", async i =>
            await Tree.CreateAsync(directory, names[i], CreateMode.Guarded, Mode(0x1A4), 0, Root));
        for (var round = 0; round < 3; round++)
            await MeasureAsync("lookup", async i => await Tree.LookupAsync(directory, names[i], Root));
        var node = await FindAsync(directory, "file0000007");
        for (var round = 0; round < 3; round++)
            await MeasureAsync("getattr", async _ => await Tree.GetAttributesAsync(node));
        var small = Pattern(1, 4096);
        await WriteAsync(node, 0, small);
        var buffer = new byte[4096];
        await MeasureAsync("read 4k", async _ => await Tree.ReadAsync(node, 0, buffer, Root, DataAccess.OwnerOverride));
        await MeasureAsync("write 4k sync", async i => await WriteAsync(node, (i % 1000) * 4096, small));
        await MeasureAsync(
            "write 4k unstable", async i => await WriteAsync(node, (i % 1000) * 4096, small, WriteStability.Unstable));
        await Tree.CommitAsync(node, Root);
        await MeasureAsync("remove", async i => await Tree.RemoveAsync(directory, names[i], Root));
    }

    private static async Task MeasureAsync(string what, Func<int, Task> one)
    {
        var before = GC.GetTotalAllocatedBytes();
        var busy = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Count; i++) await one(i);
        var seconds = clock.Elapsed.TotalSeconds;
        var allocated = (GC.GetTotalAllocatedBytes() - before) / Count;
        var cost = (Environment.CpuUsage.TotalTime - busy).TotalMicroseconds / Count;
        TestContext.Out.WriteLine($"{what,-20} {Count / seconds,12:N0}/s {cost,8:F2} µs CPU/op {allocated,8} B/op");
    }
}
