using Gateway.Replication.Checksums;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

/// <summary>Slices in rows: every length that splits differently, every part that may be missing or wrong.</summary>
public sealed class SpilledRowsTests
{
    private const int Part = SpilledRows.PartBytes;

    private readonly Dictionary<(SliceId Slice, int Part), byte[]> _values = [];
    private MemoryRowStore _rows = null!;

    [SetUp]
    public void SetUp()
    {
        _rows = new MemoryRowStore();
        _values.Clear();
    }

    [TearDown]
    public void TearDown() => _rows.Dispose();

    [TestCase(1)]
    [TestCase(Part - 1)]
    [TestCase(Part)]
    [TestCase(Part + 1)]
    [TestCase(3 * Part)]
    [TestCase(SliceLimits.BytesMax)]
    public void A_slice_comes_back_whole_and_in_ranges(int length)
    {
        var (slice, bytes) = Spill(new SliceId(1, 1), length);
        using var snapshot = _rows.OpenSnapshot();
        Assert.That(SpilledRows.AreThere(snapshot, slice.Id));
        Assert.That(SpilledRows.AreIntact(snapshot, slice));
        Assert.That(SpilledRows.KeysOf(snapshot, slice.Id), Has.Count.EqualTo(SpilledRows.PartsOf(length)));
        foreach (var start in new[] { 0, length / 3, Math.Max(0, Part - 5), length - 1 }.Where(start => start < length))
        {
            var read = new byte[Math.Min(length - start, Part + 10)];
            Assert.That(SpilledRows.TryCopy(snapshot, slice, start, read));
            Assert.That(read.AsSpan().SequenceEqual(bytes.AsSpan(start, read.Length)), $"from {start}");
        }

        var whole = new byte[length];
        Assert.That(SpilledRows.TryCopy(snapshot, slice, 0, whole));
        Assert.That(whole.AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public void A_row_with_its_head_is_no_longer_than_a_pooled_buffer()
    {
        Assert.That(SpilledRows.ValueBytesMax, Is.LessThanOrEqualTo(256 << 10));
        Assert.That(SpilledRows.PartsOf(SliceLimits.BytesMax), Is.LessThan(byte.MaxValue), "A part's number is one byte.");
        Assert.That(SpilledRows.PartBytes % SliceLimits.BlockBytes, Is.Zero);
    }

    [Test]
    public void What_is_missing_wrong_or_of_another_slice_is_not_read()
    {
        var (slice, _) = Spill(new SliceId(2, 7), 3 * Part);
        foreach (var part in new[] { 0, 1, 2 })
        {
            var good = _values[(slice.Id, part)];
            Change(slice.Id, part, null);
            RefusesAll(slice, part);
            foreach (var at in new[] { 0, 4, 8, 12, good.Length - 1 })
            {
                var bad = (byte[])good.Clone();
                bad[at] ^= 1;
                Change(slice.Id, part, bad);
                RefusesAll(slice, part);
            }

            Change(slice.Id, part, good[..^1]);
            RefusesAll(slice, part);
            Change(slice.Id, part, good);
        }

        using var snapshot = _rows.OpenSnapshot();
        Assert.That(SpilledRows.AreIntact(snapshot, slice));
        Assert.That(SpilledRows.AreIntact(snapshot, slice with { Crc32C = slice.Crc32C ^ 1 }), Is.False);
        Assert.That(SpilledRows.AreIntact(snapshot, slice with { Length = slice.Length - 1 }), Is.False);
        Assert.That(SpilledRows.AreIntact(snapshot, slice with { Id = new SliceId(2, 8) }), Is.False);
    }

    // Whole slices, and those of which an end of the owner left some parts.
    [Test]
    public void All_spilled_slices_are_listed_once_and_in_order()
    {
        SliceRef[] slices =
        [
            Spill(new SliceId(1, 9), 5).Slice,
            Spill(new SliceId(2, 1), SliceLimits.BytesMax).Slice,
            Spill(new SliceId(2, 2), 2 * Part).Slice,
            Spill(new SliceId(300, 0), Part + 1).Slice,
        ];
        Change(slices[2].Id, 0, null);
        Put(SystemRows.OwedKey("n1", slices[0].Id), []);
        Put([SystemRows.Prefix, (byte)'q'], [1]);
        using var snapshot = _rows.OpenSnapshot();
        for (var size = 1; size <= 5; size++)
        {
            var found = new List<SliceRef>();
            var batch = new SliceRef[size];
            SliceId? last = null;
            while (SpilledRows.ReadSlices(snapshot, last, batch) is > 0 and var count)
            {
                found.AddRange(batch[..count]);
                last = batch[count - 1].Id;
            }

            Assert.That(found, Is.EqualTo(slices), $"in batches of {size}");
        }

        Assert.That(SpilledRows.KeysOf(snapshot, slices[2].Id), Has.Count.EqualTo(1));
        Assert.That(SpilledRows.AreThere(snapshot, new SliceId(2, 3)), Is.False);
    }

    private void RefusesAll(SliceRef slice, int part)
    {
        using var snapshot = _rows.OpenSnapshot();
        Assert.That(SpilledRows.AreIntact(snapshot, slice), Is.False);
        Assert.That(SpilledRows.TryCopy(snapshot, slice, part * Part + 3, new byte[10]), Is.False);
        Assert.That(SpilledRows.TryCopy(snapshot, slice, (part + 1) % 3 * Part, new byte[10]), "the others are good");
    }

    private (SliceRef Slice, byte[] Bytes) Spill(SliceId id, int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var slice = new SliceRef(id, length, Crc32C.Compute(bytes));
        for (var part = 0; part < SpilledRows.PartsOf(length); part++)
        {
            var value = new byte[SpilledRows.ValueBytesMax];
            Change(id, part, value[..SpilledRows.WriteValue(slice, bytes, part, value)]);
        }

        return (slice, bytes);
    }

    private void Change(SliceId slice, int part, byte[]? value)
    {
        _values[(slice, part)] = value ?? [];
        Put(SpilledRows.Key(slice, part), value);
    }

    private void Put(byte[] key, byte[]? value)
    {
        var batch = new RowBatchWriter();
        if (value is null) batch.Delete(key);
        else batch.Put(key, value);
        _rows.Apply(new RowBatchReader(batch.Written), new AppliedPosition(_rows.Applied.Index + 1, 1, 1));
    }
}
