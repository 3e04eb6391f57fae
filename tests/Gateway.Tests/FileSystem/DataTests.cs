using System.Buffers;
using Gateway.FileSystem;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class DataTests : TreeFixture
{
    protected override FileTreeOptions Options { get; } = new()
    {
        BackgroundPeriod = TimeSpan.Zero,
        WriteBackBytesMax = 16 << 20,
        WriteBackBytesPerFileMax = 8 << 20,
        WriteBackPatience = TimeSpan.FromMilliseconds(200),
    };

    [Test]
    public async Task UnstableWritesAreSeenBeforeTheCommit()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var written = await WriteAsync(file, 1000, Pattern(1, 500), WriteStability.Unstable);
        Assert.That(written.Stability, Is.EqualTo(WriteStability.Unstable));
        Assert.That(written.File.Before!.Value.Size, Is.Zero);
        Assert.That(written.File.After!.Value.Size, Is.EqualTo(1500));

        var read = await ReadAsync(file, 0, 2000);
        Assert.That(read.AsSpan(0, 1000).ContainsAnyExcept((byte)0), Is.False);
        Assert.That(read[1000..], Is.EqualTo(Pattern(1, 500)));
        var committed = await Tree.CommitAsync(file, Root);
        Assert.That(committed.Verifier, Is.EqualTo(written.Verifier));
        Assert.That(await ReadAsync(file, 0, 2000), Is.EqualTo(read));
        Assert.That(Tree.BufferedBytes, Is.Zero);
    }

    [Test]
    public async Task LargeSequentialWritesBecomeWholeSlices()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = Pattern(7, 20 << 20);
        for (var i = 0; i < 20; i++)
        {
            var part = content[(i << 20)..((i + 1) << 20)];
            var result = await WriteAsync(file, i << 20, part, WriteStability.Unstable);
            Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        }

        await Tree.CommitAsync(file, Root);
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(5));
        for (var i = 0; i < 5; i++)
            await CheckAsync(file, i << 22, content[(i << 22)..((i + 1) << 22)]);
    }

    [Test]
    public async Task EndOfFileAndHoles()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var far = long.MaxValue - 10;
        Assert.That((await WriteAsync(file, far, Pattern(1, 10))).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await WriteAsync(file, far + 1, Pattern(1, 10))).Status, Is.EqualTo(FileStatus.FileTooBig));
        Assert.That((await WriteAsync(file, -1, Pattern(1, 10))).Status, Is.EqualTo(FileStatus.InvalidArgument));

        var buffer = new byte[100];
        var hole = await Tree.ReadAsync(file, 1L << 50, buffer, Root, DataAccess.ByMode);
        Assert.That((hole.Bytes, hole.EndOfFile), Is.EqualTo((100, false)));
        var end = await Tree.ReadAsync(file, far - 10, buffer, Root, DataAccess.ByMode);
        Assert.That((end.Bytes, end.EndOfFile), Is.EqualTo((20, true)));
        var beyond = await Tree.ReadAsync(file, long.MaxValue, buffer, Root, DataAccess.ByMode);
        Assert.That((beyond.Bytes, beyond.EndOfFile), Is.EqualTo((0, true)));
        Assert.That((await AttributesAsync(file)).Used, Is.EqualTo(10));
    }

    [Test]
    public async Task WrongKindsAreRefused()
    {
        var fifo = Made(await Tree.MakeNodeAsync(Tree.Root, "p"u8, NodeType.Fifo, default, default, Root));
        Assert.That((await WriteAsync(Tree.Root, 0, [1])).Status, Is.EqualTo(FileStatus.IsDirectory));
        Assert.That((await WriteAsync(fifo, 0, [1])).Status, Is.EqualTo(FileStatus.InvalidArgument));
        var read = await Tree.ReadAsync(Tree.Root, 0, new byte[1], Root, DataAccess.ByMode);
        Assert.That(read.Status, Is.EqualTo(FileStatus.IsDirectory));
        Assert.That((await WriteAsync(new NodeId(77, 1), 0, [1])).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That((await Tree.CommitAsync(new NodeId(77, 1), Root)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task OverwrittenSlicesAreFreedOnceAndOnlyOnce()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 300_000));
        await WriteAsync(file, 100_000, Pattern(2, 50_000));
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(2));
        await WriteAsync(file, 0, Pattern(3, 100_000));
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(3));
        await WriteAsync(file, 150_000, Pattern(4, 150_000));
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(3), "the first one is covered");
        await Tree.SetAttributesAsync(file, new() { Size = 0 }, null, Root);
        Assert.That(Store.LiveSlices(), Is.Empty);
        Assert.That((await AttributesAsync(file)).Used, Is.Zero);
    }

    [Test]
    public async Task SmallSynchronousWritesRideInRowsAndSettle()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = Pattern(5, 40 * 1000);
        for (var i = 0; i < 40; i++) await WriteAsync(file, i * 1000, content[(i * 1000)..((i + 1) * 1000)]);
        Assert.That(Store.LiveSlices(), Is.Empty);

        await using var settling = await Gateway.FileSystem.FileTree.OpenAsync(
            Store, Options with { SettleIdle = TimeSpan.Zero }, TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        await settling.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(1));
        Assert.That(await ReadAsync(file, 0, 50_000), Is.EqualTo(content));
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task AFragmentedFileIsMergedAndCutAndRemovedInBoundedSteps()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = new byte[4_000_000];
        for (var i = 0; i < 3000; i++)
        {
            var bytes = Pattern(i, 700);
            bytes.CopyTo(content, i * 1333);
            await WriteAsync(file, i * 1333, bytes);
        }

        await Tree.SetAttributesAsync(file, new() { Size = 1_000_000 }, null, Root);
        Assert.That((await AttributesAsync(file)).Size, Is.EqualTo(1_000_000));

        // The file grows before what was cut is freed: none of it may come back.
        await WriteAsync(file, 3_000_000, [1]);
        var read = await ReadAsync(file, 0, 4_000_000);
        Assert.That(read, Has.Length.EqualTo(3_000_001));
        Assert.That(read.AsSpan(0, 1_000_000).SequenceEqual(content.AsSpan(0, 1_000_000)));
        Assert.That(read.AsSpan(1_000_000, 2_000_000).ContainsAnyExcept((byte)0), Is.False);

        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        await ReopenAsync();
        await Tree.RunBackgroundRoundAsync();
        using var rows = Store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek("C"u8); more; more = cursor.MoveNext())
            Assert.That(cursor.Key[0], Is.Not.EqualTo((byte)'C'), "an extent was left behind");
        foreach (var prefix in "XJSI"u8.ToArray())
        {
            var left = cursor.Seek([prefix]) && cursor.Key[0] == prefix && (prefix != 'I' || cursor.MoveNext());
            Assert.That(left && cursor.Key[0] == prefix, Is.False, $"{(char)prefix} row left");
        }
    }

    [Test]
    public async Task AWriteOverThousandsOfExtentsTakesSeveralMutations()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < 5000; i++) await WriteAsync(file, i * 10, [7]);
        var content = Pattern(3, 50_000);
        await WriteAsync(file, 0, content);
        Assert.That(await ReadAsync(file, 0, 60_000), Is.EqualTo(content));
        Assert.That((await AttributesAsync(file)).Used, Is.EqualTo(50_000));
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task ABufferThatCannotBeWrittenStaysUntilItCan()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = Pattern(1, 200_000);
        await WriteAsync(file, 0, content, WriteStability.Unstable);
        Store.Interfere = call => call == StoreCall.WriteSlice ? new StoreInterference(StoreOutcome.Unavailable) : null;
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Unavailable));
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Unavailable));
        await CheckAsync(file, 0, content);

        Store.Interfere = null;
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
        await ReopenAsync();
        await CheckAsync(file, 0, content);
    }

    [TestCase(100)]
    [TestCase(200_000)]
    public async Task AnAttachOfUnknownOutcomeIsRepeatedSafely(int length)
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = Pattern(1, length);
        await WriteAsync(file, 0, content, WriteStability.Unstable);
        Store.Interfere = call =>
            call == StoreCall.Execute ? new StoreInterference(StoreOutcome.Unavailable, AfterEffect: true) : null;
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Unavailable));
        Store.Interfere = null;
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
        await CheckAsync(file, 0, content);
        Assert.That((await AttributesAsync(file)).Used, Is.EqualTo(length));
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task WritersWaitForRoomAndAreRefusedWithoutHope()
    {
        var file = await CreateAsync(Tree.Root, "f");
        Store.Interfere = call => call == StoreCall.WriteSlice ? new StoreInterference(StoreOutcome.Unavailable) : null;
        var refused = 0;
        for (var i = 0; i < 12; i++)
        {
            var other = await CreateAsync(Tree.Root, $"g{i}");
            var result = await WriteAsync(i < 3 ? file : other, i << 20, Pattern(i, 1 << 20), WriteStability.Unstable);
            if (result.Status == FileStatus.Unavailable) refused++;
        }

        Assert.That(refused, Is.GreaterThan(0));
        Assert.That(Tree.BufferedBytes, Is.LessThanOrEqualTo(Options.WriteBackBytesMax));
        Store.Interfere = null;
        Assert.That(await Tree.FlushAsync(), Is.EqualTo(FileStatus.Ok));
        Assert.That(Tree.BufferedBytes, Is.Zero);
    }

    [Test]
    public async Task AFullVolumeRefusesWritesAndLetsRemovesThrough()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 100_000));
        Store.Space = new StoreSpace(1 << 30, 0, 0);
        Assert.That((await WriteAsync(file, 0, Pattern(2, 10))).Status, Is.EqualTo(FileStatus.NoSpace));
        Assert.That((await WriteAsync(file, 0, Pattern(2, 100_000))).Status, Is.EqualTo(FileStatus.NoSpace));
        var unstable = await WriteAsync(file, 0, Pattern(2, 100_000), WriteStability.Unstable);
        if (unstable.Status == FileStatus.Ok)
            Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.NoSpace));
        Assert.That(
            (await Tree.CreateAsync(Tree.Root, "g"u8, CreateMode.Guarded, default, 0, Root)).Status,
            Is.EqualTo(FileStatus.NoSpace));
        Assert.That((await Tree.RemoveAsync(Tree.Root, "f"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(Store.LiveSlices(), Is.Empty);
        Store.Space = new StoreSpace(1 << 30, 1 << 30, 1 << 30);
        await CreateAsync(Tree.Root, "g");
    }

    [Test]
    public async Task RemovedFilesTakeTheirBuffersAlong()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < 6; i++) await WriteAsync(file, i << 20, Pattern(i, 1 << 20), WriteStability.Unstable);
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That(await Tree.FlushAsync(), Is.EqualTo(FileStatus.Ok));
        Assert.That(Tree.BufferedBytes, Is.Zero);
        Assert.That(Store.LiveSlices(), Is.Empty);
        Assert.That(Store.Slices.Stored, Is.Empty, "nothing was left behind on the nodes");
    }

    [Test]
    public async Task ParallelWritersReadersAndCommitsAgree([Range(1, 3)] int seed)
    {
        const int writers = 6;
        const int area = 600_000;
        var file = await CreateAsync(Tree.Root, "f");
        var done = new byte[writers * area];
        var tasks = Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + writer);
            for (var i = 0; i < 60; i++)
            {
                var length = random.Next(1, 50_000);
                var offset = (writer * area) + random.Next(area - length);
                var bytes = Pattern(random.Next(), length);
                var stability = (WriteStability)random.Next(3);
                var result = await WriteAsync(file, offset, bytes, stability);
                while (result.Status == FileStatus.Unavailable)
                    result = await WriteAsync(file, offset, bytes, stability);
                Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
                bytes.CopyTo(done, offset);
                var read = await ReadAsync(file, offset, length);
                Assert.That(read.AsSpan().SequenceEqual(bytes), Is.True, "own write is read back");
                if (random.Next(10) == 0) await Tree.CommitAsync(file, Root);
                if (random.Next(10) == 0) await Tree.RunBackgroundRoundAsync();
            }
        })).ToArray();
        await Task.WhenAll(tasks);
        await Tree.CommitAsync(file, Root);
        await ReopenAsync();
        var size = (int)(await AttributesAsync(file)).Size;
        Assert.That((await ReadAsync(file, 0, size)).AsSpan().SequenceEqual(done.AsSpan(0, size)), Is.True);
    }

    [Test]
    public async Task ADamagedSliceIsAnInputOutputError()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 100_000));
        Store.Interfere = call => call == StoreCall.ReadSlice ? new StoreInterference(StoreOutcome.Damaged) : null;
        var read = await Tree.ReadAsync(file, 0, new byte[10], Root, DataAccess.ByMode);
        Assert.That(read.Status, Is.EqualTo(FileStatus.InputOutput));
    }

    [Test]
    public async Task LostOwnershipAnswersUnavailable()
    {
        var file = await CreateAsync(Tree.Root, "f");
        Store.Interfere = _ => new StoreInterference(StoreOutcome.Unavailable);
        Assert.That((await Tree.GetAttributesAsync(file)).Status, Is.EqualTo(FileStatus.Unavailable));
        Assert.That((await Tree.LookupAsync(Tree.Root, "f"u8, Root)).Status, Is.EqualTo(FileStatus.Unavailable));
        Assert.That((await Tree.RemoveAsync(Tree.Root, "f"u8, Root)).Status, Is.EqualTo(FileStatus.Unavailable));
        Assert.That(
            (await Tree.ReadAsync(file, 0, new byte[1], Root, DataAccess.ByMode)).Status, Is.EqualTo(
                FileStatus.Unavailable));
        Store.Interfere = null;
    }

    [Test]
    public async Task TheEpochTakesUncommittedWritesAndSaysSo()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var written = await WriteAsync(file, 0, Pattern(1, 100_000), WriteStability.Unstable);
        Store.StartNextEpoch();
        var commit = await Tree.CommitAsync(file, Root);
        while (commit.Status == FileStatus.Unavailable) commit = await Tree.CommitAsync(file, Root);
        Assert.That(commit.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(commit.Verifier, Is.Not.EqualTo(written.Verifier));
        Assert.That((await AttributesAsync(file)).Size, Is.Zero);
        Assert.That(
            (await WriteAsync(file, 0, Pattern(1, 100), WriteStability.Unstable)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(await ReadAsync(file, 0, 200), Is.EqualTo(Pattern(1, 100)));
    }

    [Test]
    public async Task WritesOfSeveralSegmentsArrive()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var cases = new[]
        {
            (9000, WriteStability.FileSync), (90_000, WriteStability.FileSync), (90_000, WriteStability.Unstable),
        };
        foreach (var (length, stability) in cases)
        {
            var content = Pattern(length, length);
            var sequence = Split(content, 4096);
            var result = await Tree.WriteAsync(file, 0, sequence, stability, Root, DataAccess.ByMode);
            Assert.That(result.Bytes, Is.EqualTo(length));
            await CheckAsync(file, 0, content);
        }
    }

    private async Task CheckAsync(NodeId file, long offset, byte[] content)
    {
        var read = await ReadAsync(file, offset, content.Length);
        Assert.That(read.AsSpan().CommonPrefixLength(content), Is.EqualTo(content.Length), "first difference");
    }

    private static ReadOnlySequence<byte> Split(byte[] content, int size)
    {
        Segment? first = null;
        Segment? last = null;
        for (var at = 0; at < content.Length; at += size)
        {
            last = new Segment(content.AsMemory(at, Math.Min(size, content.Length - at)), last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null) return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
