using Gateway.FileSystem;
using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Data;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem;

/// <summary>When inline data moves into slices, how much else is written for it, and what happens beyond bounds.</summary>
[TestFixture]
public sealed class SettlerTests : TreeFixture
{
    private const int Block = 4096;

    private int _written;

    // No file is ever quiet here.
    protected override FileTreeOptions Options { get; } = new()
    {
        BackgroundPeriod = TimeSpan.Zero,
        SettleIdle = TimeSpan.FromDays(1),
        SettleBytes = 16 * Block,
        InlineBytesPerFileMax = 64 * Block,
        InlineBytesPerVolumeMax = 96 * Block,
    };

    [Test]
    public async Task ABusyFileWithLittleInlineDataIsLeftAlone()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < 15; i++) await WriteAsync(file, i * 2 * Block, Pattern(i, Block));
        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task WhatMovesOfABusyFileIsWhatWasWritten()
    {
        var content = Pattern(1, 2 << 20);
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, content, WriteStability.Unstable);
        await Tree.CommitAsync(file, Root);
        var before = SliceBytes();
        await OverwriteAsync(file, content, Enumerable.Range(0, 16).Select(i => i * 8));
        await Tree.RunBackgroundRoundAsync();

        Assert.That(SliceBytes() - before, Is.EqualTo(16 * Block), "the blocks between them were not written again");
        Assert.That(await ReadAsync(file, 0, content.Length + 1), Is.EqualTo(content));
    }

    [Test]
    public async Task ABusyFileIsMergedOnceAsMuchWasMovedAsItHolds()
    {
        var content = Pattern(2, 64 * Block);
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, content, WriteStability.Unstable);
        await Tree.CommitAsync(file, Root);
        for (var pass = 0; pass < 4; pass++)
        {
            await OverwriteAsync(file, content, Enumerable.Range(0, 16).Select(i => (i * 4) + (pass & 1)));
            await Tree.RunBackgroundRoundAsync();
            Assert.That(SliceBytes(), Is.GreaterThan(content.Length), $"pass {pass}: older slices are still in use");
        }

        await OverwriteAsync(file, content, Enumerable.Range(0, 16).Select(i => (i * 4) + 2));
        await Tree.RunBackgroundRoundAsync();
        Assert.That(SliceBytes(), Is.EqualTo(content.Length), "merged into one slice");
        Assert.That(await ReadAsync(file, 0, content.Length + 1), Is.EqualTo(content));
    }

    [Test]
    public async Task AFileWithTooMuchInlineDataWritesSlicesUntilSomeMoved()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var content = new byte[(66 * Block) + 1];
        for (var i = 0; i < 64; i++) await OverwriteAsync(file, content, [i]);
        Assert.That(Store.LiveSlices(), Is.Empty);
        await OverwriteAsync(file, content, [64]);
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(1));

        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(2));
        await OverwriteAsync(file, content, [65]);
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(2), "rows again");
        Assert.That(await ReadAsync(file, 0, content.Length), Is.EqualTo(content[..^1]));
    }

    [Test]
    public async Task AVolumeWithTooMuchInlineDataSettlesAllFilesAndWritesSlicesMeanwhile()
    {
        var files = new List<NodeId>();
        for (var f = 0; f < 8; f++)
        {
            files.Add(await CreateAsync(Tree.Root, $"f{f}"));
            for (var i = 0; i < 12; i++) await WriteAsync(files[f], i * Block, Pattern(i, Block));
        }

        // This round counts; none of the files has much by itself.
        await Tree.RunBackgroundRoundAsync();
        var counted = Store.LiveSlices().Count;
        await WriteAsync(files[0], 100 * Block, Pattern(100, Block));
        await WriteAsync(files[0], 102 * Block, Pattern(102, 100), WriteStability.Unstable);
        await Tree.CommitAsync(files[0], Root);
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(counted + 2), "writes and commits go into slices");

        for (var round = 0; round < 3; round++) await Tree.RunBackgroundRoundAsync();
        var settled = Store.LiveSlices().Count;
        Assert.That(settled, Is.GreaterThanOrEqualTo(8));
        await WriteAsync(files[1], 100 * Block, Pattern(101, Block));
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(settled), "rows again");
        for (var i = 0; i < 12; i++)
            Assert.That(await ReadAsync(files[7], i * Block, Block), Is.EqualTo(Pattern(i, Block)));
        Assert.That(await ReadAsync(files[0], 100 * Block, Block), Is.EqualTo(Pattern(100, Block)));
        Assert.That(await ReadAsync(files[0], 102 * Block, Block), Is.EqualTo(Pattern(102, 100)));
    }

    [Test]
    public async Task WhatIsWrittenWhileItIsBeingMovedStaysAndTheRestMoves()
    {
        var content = new byte[8 * Block];
        var file = await CreateAsync(Tree.Root, "f");
        await OverwriteAsync(file, content, Enumerable.Range(0, 8));
        var copied = new byte[4 << 20];
        var pass = SettlePass.Plan(Store, file, 0, merges: false, copied);
        Assert.That(pass.Runs, Has.Count.EqualTo(1));

        // One block is written again, another one cut in part.
        await OverwriteAsync(file, content, [2]);
        var patch = Pattern(77, 100);
        patch.CopyTo(content, (5 * Block) + 50);
        await WriteAsync(file, (5 * Block) + 50, patch);
        var written = await Store.WriteSliceAsync(copied.AsMemory(0, pass.Bytes));
        var move = new RelocateMutation(file, pass.Runs, written.Slice);
        Assert.That(await Store.ExecuteAsync(move), Is.EqualTo(StoreOutcome.Ok));

        Assert.That(move.Replaced, Is.EqualTo(3), "0-1, 3-4 and 6-7");
        Assert.That(await ReadAsync(file, 0, content.Length + 1), Is.EqualTo(content));
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    private long SliceBytes() => Store.LiveSlices().Sum(slice => (long)slice.Length);

    private async Task OverwriteAsync(NodeId file, byte[] content, IEnumerable<int> blocks)
    {
        foreach (var block in blocks)
        {
            var bytes = Pattern(++_written, Block);
            bytes.CopyTo(content, block * Block);
            await WriteAsync(file, block * Block, bytes);
        }
    }
}
