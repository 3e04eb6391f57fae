using System.Buffers.Binary;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Tests.Rows;

/// <summary>What every row store must do, against a sorted dictionary.</summary>
public abstract class RowStoreConformance
{
    private readonly List<(IRowSnapshot Snapshot, SortedDictionary<byte[], byte[]> Model)> _held = [];

    private protected IRowStore Store { get; private set; } = null!;

    [SetUp]
    public void Open() => Store = Create();

    [TearDown]
    public void Close()
    {
        foreach (var (snapshot, _) in _held) snapshot.Dispose();
        _held.Clear();
        Store.Dispose();
        Delete();
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Random_batches_agree_with_a_model(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<byte[], byte[]>(new ByteOrder());
        var writer = new RowBatchWriter();
        for (var step = 1UL; step <= 300; step++)
        {
            writer.Clear();
            for (var changes = random.Next(1, 20); changes > 0; changes--) ChangeOne(random, writer, model);
            Store.Stage(new RowBatchReader(writer.Written), new AppliedPosition(step, 1, step * 7));
            Assert.That(Store.Count, Is.EqualTo(model.Count));
            if (random.Next(4) == 0) continue;
            Store.Publish();
            if (_held.Count < 8) Hold(model);
            if (step % 10 == 0) Check(Store, random, model);
            if (random.Next(5) == 0) Release(random);
        }

        Store.Publish();
        while (_held.Count > 0) Release(random);
        Check(Store, random, model);
        Assert.That(Store.Applied, Is.EqualTo(new AppliedPosition(300, 1, 2100)));
    }

    [Test]
    public void What_is_staged_is_invisible_until_it_is_published()
    {
        var writer = new RowBatchWriter();
        writer.Put("a"u8, "1"u8);
        Store.Stage(new RowBatchReader(writer.Written), new AppliedPosition(1, 1, 1));
        using (var snapshot = Store.OpenSnapshot())
        {
            Assert.That(snapshot.TryGet("a"u8, out _), Is.False);
            Assert.That((snapshot.Position.Index, snapshot.Count), Is.EqualTo((0UL, 0L)));
        }

        Store.Publish();
        using var after = Store.OpenSnapshot();
        Assert.That(after.TryGet("a"u8, out var value) && value.SequenceEqual("1"u8));
        Assert.That(
            (after.Position.Index, after.Count, after.SetHash),
            Is.EqualTo((1UL, 1L, RowHash.Of("a"u8, "1"u8))));
    }

    [Test]
    public void The_set_hash_does_not_depend_on_the_way_to_the_contents()
    {
        Apply(1, ("a", "1"), ("b", "2"), ("c", "3"));
        var expected = Store.SetHash;
        Apply(2, ("b", null), ("a", "x"), ("d", "4"), ("zz", null));
        Assert.That(Store.SetHash, Is.Not.EqualTo(expected));
        Apply(3, ("d", null), ("b", "2"), ("a", "1"), ("a", "1"));
        Assert.That(Store.SetHash, Is.EqualTo(expected));
        Assert.That(Store.Count, Is.EqualTo(3));
    }

    [Test]
    public void Largest_keys_and_values_and_empty_values_are_kept()
    {
        var key = new byte[RowLimits.KeyBytesMax];
        Array.Fill(key, (byte)0xFF);
        var value = new byte[RowLimits.ValueBytesMax];
        new Random(5).NextBytes(value);
        var writer = new RowBatchWriter();
        writer.Put(key, value);
        writer.Put([0], []);
        Store.Apply(new RowBatchReader(writer.Written), new AppliedPosition(1, 1, 1));

        using var snapshot = Store.OpenSnapshot();
        Assert.That(snapshot.TryGet(key, out var found) && found.SequenceEqual(value));
        Assert.That(snapshot.TryGet([0], out found) && found.IsEmpty);
        using var cursor = snapshot.OpenCursor();
        Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(new byte[1]));
        Assert.That(cursor.MoveNext() && cursor.Key.SequenceEqual(key));
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(cursor.Seek("x"u8) && cursor.Value.SequenceEqual(value));
    }

    [Test]
    public void Clear_goes_back_to_the_beginning_and_leaves_snapshots_alone()
    {
        Apply(5, ("a", "1"), ("b", "2"));
        using var before = Store.OpenSnapshot();
        Store.Clear();
        using var after = Store.OpenSnapshot();
        using var cursor = after.OpenCursor();
        Assert.That(cursor.Seek(""u8), Is.False);
        Assert.That((after.Count, after.SetHash, after.Position), Is.EqualTo((0L, 0UL, default(AppliedPosition))));
        Assert.That(before.TryGet("b"u8, out _));
        Apply(6, ("c", "3"));
        Assert.That((Store.Count, Store.Applied.Index), Is.EqualTo((1L, 6UL)));
    }

    [Test]
    public void A_disposed_snapshot_refuses_and_its_cursor_too()
    {
        Apply(1, ("a", "1"));
        var snapshot = Store.OpenSnapshot();
        snapshot.Dispose();
        snapshot.Dispose();
        Assert.That(() => snapshot.TryGet("a"u8, out _), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => snapshot.OpenCursor(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Readers_on_many_threads_never_see_part_of_a_batch()
    {
        var writer = new RowBatchWriter();
        var stop = 0;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            var rounds = 0L;
            while (Volatile.Read(ref stop) == 0)
            {
                using var snapshot = Store.OpenSnapshot();
                var index = snapshot.Position.Index;
                for (byte k = 0; k < 8; k++)
                {
                    var there = snapshot.TryGet([1, k], out var value);
                    if (index == 0 ? there : BinaryPrimitives.ReadUInt64LittleEndian(value) != index) return -1;
                }

                rounds++;
            }

            return rounds;
        })).ToArray();

        Span<byte> number = stackalloc byte[8];
        for (var index = 1UL; index <= 3000; index++)
        {
            writer.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(number, index);
            for (byte k = 0; k < 8; k++) writer.Put([1, k], number);
            Store.Apply(new RowBatchReader(writer.Written), new AppliedPosition(index, 1, 0));
        }

        Volatile.Write(ref stop, 1);
        Assert.That(Task.WhenAll(readers).GetAwaiter().GetResult(), Has.All.GreaterThanOrEqualTo(0));
    }

    private protected abstract IRowStore Create();

    private protected virtual void Delete()
    {
    }

    private protected void Apply(ulong index, params (string Key, string? Value)[] changes)
    {
        var writer = new RowBatchWriter();
        foreach (var (key, value) in changes)
        {
            if (value is null) writer.Delete(System.Text.Encoding.ASCII.GetBytes(key));
            else writer.Put(System.Text.Encoding.ASCII.GetBytes(key), System.Text.Encoding.ASCII.GetBytes(value));
        }

        Store.Apply(new RowBatchReader(writer.Written), new AppliedPosition(index, 1, index));
    }

    private static void ChangeOne(Random random, RowBatchWriter writer, SortedDictionary<byte[], byte[]> model)
    {
        // Few distinct keys, many of them prefixes of each other.
        var key = new byte[random.Next(12) == 0 ? random.Next(1, RowLimits.KeyBytesMax + 1) : random.Next(1, 4)];
        for (var i = 0; i < Math.Min(key.Length, 4); i++) key[i] = (byte)(random.Next(6) * 51);
        if (random.Next(3) == 0)
        {
            writer.Delete(key);
            model.Remove(key);
            return;
        }

        var length = random.Next(50) switch
        {
            0 => random.Next(60_000),
            < 5 => random.Next(3000),
            _ => random.Next(40),
        };
        var value = new byte[length];
        random.NextBytes(value);
        writer.Put(key, value);
        model[key] = value;
    }

    private void Hold(SortedDictionary<byte[], byte[]> model) =>
        _held.Add((Store.OpenSnapshot(), new SortedDictionary<byte[], byte[]>(model, new ByteOrder())));

    private void Release(Random random)
    {
        if (_held.Count == 0) return;
        var at = random.Next(_held.Count);
        var (snapshot, model) = _held[at];
        CheckView(snapshot, random, model);
        snapshot.Dispose();
        _held.RemoveAt(at);
    }

    private static void Check(IRowStore store, Random random, SortedDictionary<byte[], byte[]> model)
    {
        using var snapshot = store.OpenSnapshot();
        CheckView(snapshot, random, model);
    }

    private static void CheckView(IRowSnapshot snapshot, Random random, SortedDictionary<byte[], byte[]> model)
    {
        var hash = 0UL;
        using var cursor = snapshot.OpenCursor();
        foreach (var (key, value) in model)
        {
            hash = unchecked(hash + RowHash.Of(key, value));
            if (!cursor.MoveNext() || !cursor.Key.SequenceEqual(key) || !cursor.Value.SequenceEqual(value))
                Assert.Fail($"The cursor missed {Convert.ToHexString(key)}.");
            if (!snapshot.TryGet(key, out var found) || !found.SequenceEqual(value))
                Assert.Fail($"The store lost {Convert.ToHexString(key)}.");
        }

        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That((snapshot.Count, snapshot.SetHash), Is.EqualTo(((long)model.Count, hash)));

        var target = new byte[random.Next(1, 4)];
        random.NextBytes(target);
        var expected = model.Keys.FirstOrDefault(key => new ByteOrder().Compare(key, target) >= 0);
        var sought = cursor.Seek(target) ? cursor.Key.ToArray() : null;
        Assert.That(sought, Is.EqualTo(expected));
        Assert.That(snapshot.TryGet(target, out _), Is.EqualTo(model.ContainsKey(target)));
    }
}

public sealed class MemoryRowStoreTests : RowStoreConformance
{
    private protected override IRowStore Create() => new MemoryRowStore();

    private protected override void Delete() =>
        Assert.That(((MemoryRowStore)Store).OpenSnapshots, Is.Zero, "A snapshot leaked.");
}
