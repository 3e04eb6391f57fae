using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

/// <summary>
/// Random writes, cuts, commits, settling and crashes against plain byte arrays: with files that count as quiet at
/// once, and with ones that never do.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class DataModelTests(bool isBusy) : TreeFixture
{
    private const int SizeMax = 700_000;

    protected override FileTreeOptions Options { get; } = new()
    {
        BackgroundPeriod = TimeSpan.Zero,
        SettleIdle = isBusy ? TimeSpan.FromDays(1) : TimeSpan.Zero,
        SettleBytes = 8 << 10,
        InlineBytesPerFileMax = 24 << 10,
        InlineBytesPerVolumeMax = 40 << 10,
        WriteBackIdle = TimeSpan.Zero,
        InlineBytesMax = 4096,
    };

    [Test]
    public async Task ContentIsWhatTheModelSays([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        var model = new Model();
        var file = await CreateAsync(Tree.Root, "f");
        for (var step = 0; step < 150; step++)
        {
            await StepAsync(random, file, model, step);
            if (step % 5 == 0) await CheckAsync(file, model.Visible, $"seed {seed} step {step}");
        }

        Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
        await CheckAsync(file, model.Visible, $"seed {seed} end");
        await ReopenAsync();
        await CheckAsync(file, model.Visible, $"seed {seed} reopened");
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task ACrashKeepsWhatWasCommitted([Range(100, 107)] int seed)
    {
        var random = new Random(seed);
        var file = await CreateAsync(Tree.Root, "f");
        for (var life = 0; life < 4; life++)
        {
            // Every block carries its number; a crash may show old or new of what was not committed, nothing else.
            var durable = await ReadAsync(file, 0, SizeMax);
            var history = new List<(long Offset, byte[] Bytes)>();
            for (var step = 0; step < 30; step++)
            {
                var offset = random.Next(0, 200_000);
                var bytes = Pattern(random.Next(), random.Next(1, 60_000));
                Assert.That(
                    (await WriteAsync(file, offset, bytes, WriteStability.Unstable)).Status, Is.EqualTo(FileStatus.Ok));
                history.Add((offset, bytes));
                if (random.Next(6) != 0) continue;

                Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
                durable = Replay(durable, history);
                history.Clear();
            }

            var verifier = Tree.WriteVerifier;
            Store.StartNextEpoch();
            await ReopenAsync();
            Assert.That(Tree.WriteVerifier, Is.Not.EqualTo(verifier));

            var found = await ReadAsync(file, 0, SizeMax);
            AssertOldOrNew(durable, history, found, $"seed {seed} life {life}");
        }
    }

    private static byte[] Replay(byte[] content, IEnumerable<(long Offset, byte[] Bytes)> writes)
    {
        var model = new Model { Visible = content };
        foreach (var (offset, bytes) in writes) model.Write(offset, bytes);
        return model.Visible;
    }

    private static void AssertOldOrNew(
        byte[] durable, List<(long Offset, byte[] Bytes)> history, byte[] found, string where)
    {
        Assert.That(found, Has.Length.GreaterThanOrEqualTo(durable.Length), where);
        for (var i = 0; i < found.Length; i++)
        {
            var old = i < durable.Length ? durable[i] : (byte)0;
            if (found[i] == old) continue;
            var known = history.Exists(
                write => i >= write.Offset && i < write.Offset + write.Bytes.Length
                    && write.Bytes[i - write.Offset] == found[i]);
            Assert.That(known, Is.True, $"{where}: byte {i} is nothing that was ever written there");
        }
    }

    private async Task StepAsync(Random random, NodeId file, Model model, int step)
    {
        var kind = random.Next(20);
        switch (kind)
        {
            case < 8:
                await WriteAndNoteAsync(random, file, model, WriteStability.Unstable, random.Next(1, 50_000));
                break;
            case < 12:
                await WriteAndNoteAsync(random, file, model, WriteStability.FileSync, random.Next(1, 4096));
                break;
            case < 14:
                await WriteAndNoteAsync(random, file, model, WriteStability.DataSync, random.Next(4096, 100_000));
                break;
            case < 16:
                var size = random.Next(SizeMax);
                var set = await Tree.SetAttributesAsync(file, new() { Size = size }, null, Root);
                Assert.That(set.Status, Is.EqualTo(FileStatus.Ok), $"step {step}");
                model.Resize(size);
                break;
            case 16:
                Assert.That((await Tree.CommitAsync(file, Root)).Status, Is.EqualTo(FileStatus.Ok));
                break;
            default:
                await Tree.RunBackgroundRoundAsync();
                break;
        }
    }

    private async Task WriteAndNoteAsync(Random random, NodeId file, Model model, WriteStability stability, int length)
    {
        var offset = random.Next(SizeMax - length);
        var bytes = Pattern(random.Next(), length);
        var written = await WriteAsync(file, offset, bytes, stability);
        Assert.That(written.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(written.Stability, Is.GreaterThanOrEqualTo(stability));
        model.Write(offset, bytes);
        Assert.That(written.File.After!.Value.Size, Is.EqualTo(model.Visible.Length));
    }

    private async Task CheckAsync(NodeId file, byte[] expected, string where)
    {
        var attributes = await AttributesAsync(file);
        Assert.That(attributes.Size, Is.EqualTo(expected.Length), where);
        Assert.That(attributes.Used, Is.LessThanOrEqualTo(attributes.Size), where);
        var found = await ReadAsync(file, 0, SizeMax + 10);
        var difference = found.AsSpan().CommonPrefixLength(expected);
        Assert.That(found, Has.Length.EqualTo(expected.Length), where);
        Assert.That(difference, Is.EqualTo(expected.Length), $"{where}: first difference");
    }

    private sealed class Model
    {
        public byte[] Visible { get; set; } = [];

        public void Write(long offset, byte[] bytes)
        {
            if (offset + bytes.Length > Visible.Length) Resize((int)offset + bytes.Length);
            bytes.CopyTo(Visible, offset);
        }

        public void Resize(int size)
        {
            var resized = new byte[size];
            Visible.AsSpan(0, Math.Min(size, Visible.Length)).CopyTo(resized);
            Visible = resized;
        }
    }
}
