using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

/// <summary>Holes, allocated ranges, shared content, allocation.</summary>
[TestFixture]
public sealed class RangeTests : TreeFixture
{
    private const int SizeMax = 400_000;

    protected override FileTreeOptions Options { get; } = new()
    {
        BackgroundPeriod = TimeSpan.Zero,
        SettleIdle = TimeSpan.Zero,
        WriteBackIdle = TimeSpan.Zero,
        InlineBytesMax = 4096,
    };

    [Test]
    public async Task AHoleReadsAsZerosAndTakesNoSpace()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 200_000), WriteStability.Unstable);

        await OkAsync(Tree.ZeroRangeAsync(file, 50_000, 150_000, Root, DataAccess.ByMode));

        var expected = Pattern(1, 200_000);
        expected.AsSpan(50_000, 100_000).Clear();
        Assert.That(await ReadAsync(file, 0, 300_000), Is.EqualTo(expected));
        Assert.That((await AttributesAsync(file)).Used, Is.EqualTo(100_000));
        Assert.That(await RangesAsync(file, 0, 1 << 20), Is.EqualTo(new[] { (0L, 50_000L), (150_000L, 50_000L) }));
        Assert.That(await RangesAsync(file, 40_000, 160_000), Is.EqualTo(new[] { (40_000L, 10_000L), (150_000L, 10_000L) }));

        await OkAsync(Tree.ZeroRangeAsync(file, 0, long.MaxValue, Root, DataAccess.ByMode));
        Assert.That((await AttributesAsync(file)).Size, Is.EqualTo(200_000));
        Assert.That(await RangesAsync(file, 0, long.MaxValue), Is.Empty);
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task RangesAreCutAtTheLimit()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < 10; i++) await WriteAsync(file, i * 10_000, [1]);

        var found = await Tree.AllocatedRangesAsync(file, 0, long.MaxValue, 4);
        Assert.That(found.Ranges, Has.Count.EqualTo(4));
        Assert.That(found.IsCut, Is.True);
        Assert.That((await Tree.AllocatedRangesAsync(file, 0, long.MaxValue, 10)).IsCut, Is.False);
    }

    [Test]
    public async Task AFragmentedFileIsZeroedAndClonedInParts()
    {
        var source = await CreateAsync(Tree.Root, "source");
        for (var i = 0; i < 3000; i++) await WriteAsync(source, i * 20, Pattern(i, 10));
        var content = await ReadAsync(source, 0, 100_000);
        var target = await CreateAsync(Tree.Root, "target");

        await OkAsync(Tree.CloneRangeAsync(source, 0, target, 7, content.Length, Root, DataAccess.ByMode));
        Assert.That((await ReadAsync(target, 0, 100_000))[7..], Is.EqualTo(content));
        await OkAsync(Tree.ZeroRangeAsync(target, 0, long.MaxValue, Root, DataAccess.ByMode));
        Assert.That(await ReadAsync(target, 0, 100_000), Is.EqualTo(new byte[content.Length + 7]));
        Assert.That(await ReadAsync(source, 0, 100_000), Is.EqualTo(content));
    }

    [Test]
    public async Task ACloneSharesSlices()
    {
        var source = await CreateAsync(Tree.Root, "source");
        var target = await CreateAsync(Tree.Root, "target");
        await WriteAsync(source, 0, Pattern(1, 200_000));

        await OkAsync(Tree.CloneRangeAsync(source, 0, target, 0, 200_000, Root, DataAccess.ByMode));

        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(1));
        await WriteAsync(target, 1000, Pattern(2, 5000));
        Assert.That(await ReadAsync(source, 0, 200_000), Is.EqualTo(Pattern(1, 200_000)));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "source"u8, Root));
        var expected = Pattern(1, 200_000);
        Pattern(2, 5000).CopyTo(expected, 1000);
        Assert.That(await ReadAsync(target, 0, 200_000), Is.EqualTo(expected));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "target"u8, Root));
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    // In rows, and in a slice: either way one extent lies in both ranges.
    [TestCase(4_000)]
    [TestCase(400_000)]
    public async Task AFileClonesWithinItself(int half)
    {
        var file = await CreateAsync(Tree.Root, "file");
        await WriteAsync(file, 0, Pattern(1, 2 * half));

        await OkAsync(CloneAsync(file, 0, file, half, half));

        var first = Pattern(1, 2 * half)[..half];
        Assert.That(await ReadAsync(file, 0, 2 * half), Is.EqualTo(first.Concat(first)));
    }

    [Test]
    public async Task AFileIsClonedOntoItselfOutOfOneRow()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 3000));

        await OkAsync(Tree.CloneRangeAsync(file, 0, file, 1500, 1000, Root, DataAccess.ByMode));

        byte[] expected = [.. Pattern(1, 3000)[..1500], .. Pattern(1, 3000)[..1000], .. Pattern(1, 3000)[2500..]];
        Assert.That(await ReadAsync(file, 0, 4000), Is.EqualTo(expected));
    }

    [Test]
    public async Task ACloneIsRefusedWhenItCannotBe()
    {
        var source = await CreateAsync(Tree.Root, "source");
        await WriteAsync(source, 0, Pattern(1, 1000));

        Assert.That(await CloneAsync(source, 500, source, 600, 200), Is.EqualTo(FileStatus.InvalidArgument), "overlap");
        Assert.That(await CloneAsync(source, 900, source, 2000, 200), Is.EqualTo(FileStatus.InvalidArgument), "past the end");
        Assert.That(await CloneAsync(source, 0, source, long.MaxValue, 200), Is.EqualTo(FileStatus.FileTooBig));
        Assert.That(await CloneAsync(source, 0, Tree.Root, 0, 200), Is.EqualTo(FileStatus.IsDirectory));
        Assert.That(await CloneAsync(source, 0, source, 1000, 1000), Is.EqualTo(FileStatus.Ok));
        Assert.That((await ReadAsync(source, 0, 3000))[1000..], Is.EqualTo(Pattern(1, 1000)));
    }

    [Test]
    public async Task ContentIsWhatTheModelSays([Range(1, 8)] int seed)
    {
        var random = new Random(seed);
        NodeId[] files = [await CreateAsync(Tree.Root, "a"), await CreateAsync(Tree.Root, "b")];
        byte[][] models = [[], []];
        for (var step = 0; step < 120; step++)
        {
            var one = random.Next(2);
            await StepAsync(random, files, models, one);
            if (step % 10 != 0) continue;
            for (var i = 0; i < 2; i++)
            {
                var found = await ReadAsync(files[i], 0, 2 * SizeMax);
                Assert.That(found.AsSpan().SequenceEqual(models[i]), Is.True, $"seed {seed} step {step} file {i}");
            }
        }

        await OkAsync(Tree.RemoveAsync(Tree.Root, "a"u8, Root));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "b"u8, Root));
        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task AnAllocationBelowTheSizeCuts()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 1000));

        await OkAsync(Tree.PreallocateAsync(file, 1 << 20, Root, DataAccess.ByMode));
        Assert.That((await AttributesAsync(file)).Size, Is.EqualTo(1000));
        await OkAsync(Tree.PreallocateAsync(file, 300, Root, DataAccess.ByMode));
        Assert.That(await ReadAsync(file, 0, 2000), Is.EqualTo(Pattern(1, 1000)[..300]));
        Assert.That(
            await Tree.PreallocateAsync(file, long.MaxValue, Root, DataAccess.ByMode), Is.EqualTo(FileStatus.NoSpace));
    }

    private async Task StepAsync(Random random, NodeId[] files, byte[][] models, int one)
    {
        switch (random.Next(6))
        {
            case 0:
            case 1:
                var length = random.Next(1, 60_000);
                var at = random.Next(SizeMax - length);
                var bytes = Pattern(random.Next(), length);
                var stability = random.Next(2) == 0 ? WriteStability.Unstable : WriteStability.FileSync;
                await WriteAsync(files[one], at, bytes, stability);
                if (models[one].Length < at + length) Array.Resize(ref models[one], at + length);
                bytes.CopyTo(models[one], at);
                break;
            case 2:
                var start = random.Next(SizeMax);
                var end = random.Next(start, SizeMax);
                await OkAsync(Tree.ZeroRangeAsync(files[one], start, end, Root, DataAccess.ByMode));
                end = Math.Min(end, models[one].Length);
                if (start < end) models[one].AsSpan(start..end).Clear();
                break;
            case 3:
                var size = random.Next(SizeMax);
                await OkAsync(Tree.SetAttributesAsync(files[one], new() { Size = size }, null, Root));
                Array.Resize(ref models[one], size);
                break;
            case 4:
                await CloneAsync(random, files, models, one);
                break;
            default:
                await Tree.RunBackgroundRoundAsync();
                break;
        }
    }

    private async Task CloneAsync(Random random, NodeId[] files, byte[][] models, int one)
    {
        var other = random.Next(2);
        var offset = random.Next(models[other].Length + 1);
        var length = random.Next(models[other].Length - offset + 1);
        var at = random.Next(SizeMax);
        if (other == one && Math.Abs(at - offset) < length) return;
        Assert.That(await CloneAsync(files[other], offset, files[one], at, length), Is.EqualTo(FileStatus.Ok));
        if (length == 0) return;

        var copied = models[other][offset..(offset + length)];
        if (models[one].Length < at + length) Array.Resize(ref models[one], at + length);
        copied.CopyTo(models[one], at);
    }

    private ValueTask<FileStatus> CloneAsync(NodeId source, long offset, NodeId target, long at, long length) =>
        Tree.CloneRangeAsync(source, offset, target, at, length, Root, DataAccess.ByMode);

    private async Task<(long Start, long Length)[]> RangesAsync(NodeId file, long start, long end)
    {
        var found = await Tree.AllocatedRangesAsync(file, start, end, 100);
        Assert.That(found.Status, Is.EqualTo(FileStatus.Ok));
        return [.. found.Ranges.Select(range => (range.Start, range.Length))];
    }
}
