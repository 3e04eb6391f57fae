using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Tests.Slices;

public sealed class SliceStoreTest
{
    private static readonly Guid Volume = new("0f7c1e5e-3c3f-4a4e-9a5e-5c1b7a1d2e3f");

    private string _path = "";
    private LinuxDisk _disk = null!;
    private SliceStore _store = null!;
    private Exception? _failure;
    private SliceStoreOptions _options = null!;

    [SetUp]
    public void Open()
    {
        _path = Path.Join(Path.GetTempPath(), $"nasgate-slices-{Path.GetRandomFileName()}");
        _disk = new LinuxDisk(_path);
        _failure = null;
        _options = new SliceStoreOptions { SegmentBytes = 8 << 20, ReserveBytes = 0 };
        _store = SliceStore.Open(_disk, _options, e => _failure = e);
    }

    [TearDown]
    public void Close()
    {
        _store.Dispose();
        _disk.Dispose();
        Directory.Delete(_path, recursive: true);
        Assert.That(_failure, Is.Null);
    }

    [Test]
    public async Task Slices_of_all_sizes_are_read_back_whole_and_in_blocks_before_and_after_a_restart()
    {
        var sizes = new[] { 1, 4096, 32768, 32769, 100_000, 1 << 20, 4 << 20, 4 << 20, 4 << 20, 5 };
        for (var i = 0; i < sizes.Length; i++)
            Assert.That(await Write((ulong)i + 1, sizes[i]), Is.EqualTo(SliceOutcome.Ok));

        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < sizes.Length; i++) CheckReads((ulong)i + 1, sizes[i]);
            Assert.That(_store.Status.Slices, Is.EqualTo(sizes.Length));
            Assert.That(_store.Status.SliceBytes, Is.EqualTo(sizes.Sum()));
            Reopen();
        }

        Assert.That(_store.Read(Ref(77, 10), 0, new byte[10], []), Is.EqualTo(SliceOutcome.Absent));
    }

    [Test]
    public async Task Many_writers_share_flushes()
    {
        var writes = Enumerable.Range(1, 400).Select(i => Write((ulong)i, 5000).AsTask()).ToArray();
        var outcomes = await Task.WhenAll(writes);
        Assert.That(outcomes, Is.All.EqualTo(SliceOutcome.Ok));
        for (ulong i = 1; i <= 400; i++) CheckReads(i, 5000);
        var runs = new List<(SliceId First, ulong Count)>();
        Assert.That(_store.Inventory(default, 10, runs), Is.True);
        Assert.That(runs, Is.EqualTo(new[] { (new SliceId(3, 1), 400UL) }));
    }

    [Test]
    public async Task A_slice_already_there_is_left_alone_and_a_repair_replaces_it()
    {
        await Write(1, 100_000);
        Assert.That(await Write(1, 100_000), Is.EqualTo(SliceOutcome.Ok));
        Flip("slices-00000001.segment", 4096 + 40_000);
        Assert.That(_store.Read(Ref(1, 100_000), 32768, new byte[32768], []), Is.EqualTo(SliceOutcome.Damaged));
        Assert.That(_store.Read(Ref(1, 100_000), 0, new byte[32768], []), Is.EqualTo(SliceOutcome.Ok));
        Assert.That(_store.Status.Damaged, Is.EqualTo(1));
        Assert.That(_store.Inventory(default, 10, []), Is.True);

        Assert.That(await Write(1, 100_000, replaces: true), Is.EqualTo(SliceOutcome.Ok));
        CheckReads(1, 100_000);
        Assert.That((_store.Status.Damaged, _store.Status.DamageFound, _store.Status.DamageRepaired), Is.EqualTo((0, 1L, 1L)));
        Reopen();
        CheckReads(1, 100_000);
        Assert.That(_store.Status.Damaged, Is.Zero);
    }

    [Test]
    public async Task Scrub_finds_a_flipped_byte_in_data_and_header()
    {
        for (ulong i = 1; i <= 20; i++) await Write(i, 50_000);
        Reopen();
        const int record = 4096 + 53_248;
        Flip("slices-00000001.segment", 4 * record + 4096 + 123);
        Flip("slices-00000001.segment", 9 * record + 90);
        var damaged = new List<SliceId>();
        var next = default(SliceId);
        var rounds = 0;
        do
        {
            next = _store.Scrub(next, 200_000, 100, damaged, out var bytes);
            Assert.That(bytes, Is.InRange(1, 300_000));
            rounds++;
        }
        while (next != default);

        Assert.That(rounds, Is.GreaterThan(3));
        Assert.That(damaged, Is.EqualTo(new[] { new SliceId(3, 5), new SliceId(3, 10) }));
        var runs = new List<(SliceId First, ulong Count)>();
        _store.Inventory(default, 10, runs);
        Assert.That(runs.Select(r => (r.First.Sequence, r.Count)), Is.EqualTo(new[] { (1UL, 4UL), (6UL, 4UL), (11UL, 10UL) }));
        Assert.That(_store.Verify(new SliceId(3, 5), new byte[SliceLimits.BytesMax]).Outcome, Is.EqualTo(SliceOutcome.Damaged));
        Assert.That(_store.Verify(new SliceId(3, 6), new byte[SliceLimits.BytesMax]).Crc32C, Is.EqualTo(Ref(6, 50_000).Crc32C));
    }

    [Test]
    public async Task Discarded_slices_stay_gone_and_their_space_comes_back()
    {
        for (ulong i = 1; i <= 12; i++) await Write(i, 3 << 20);
        Assert.That(_disk.List(), Has.Count.EqualTo(6));
        _store.Discard([.. Enumerable.Range(1, 10).Select(i => new SliceId(3, (ulong)i))]);
        Assert.That(_store.Read(Ref(1, 3 << 20), 0, new byte[32768], []), Is.EqualTo(SliceOutcome.Absent));
        Assert.That(await Write(2, 3 << 20), Is.EqualTo(SliceOutcome.Absent));
        await Until(() => _disk.List().Count <= 2);
        Reopen();
        Assert.That(_store.Status.Slices, Is.EqualTo(2));
        CheckReads(11, 3 << 20);
    }

    [Test]
    public async Task Mostly_dead_segments_are_rewritten_and_discards_survive_it()
    {
        for (ulong i = 1; i <= 60; i++) await Write(i, 700_000);
        var files = _disk.List().Count;
        _store.Discard([.. Enumerable.Range(1, 60).Where(i => i % 4 != 0).Select(i => new SliceId(3, (ulong)i))]);
        await Until(() => _disk.List().Count <= files / 2);
        Reopen();
        Assert.That(_store.Status.Slices, Is.EqualTo(15));
        for (ulong i = 4; i <= 60; i += 4) CheckReads(i, 700_000);
    }

    [Test]
    public async Task A_full_disk_refuses_slices_and_takes_them_again_after_discards()
    {
        _store.Dispose();
        var available = _disk.Space.AvailableBytes;
        _options = _options with { ReserveBytes = available - (40 << 20) };
        _store = SliceStore.Open(_disk, _options, e => _failure = e);
        ulong written = 0;
        while (await Write(written + 1, 2 << 20) == SliceOutcome.Ok) Assert.That(++written, Is.LessThan(30));
        Assert.That(written, Is.GreaterThan(5));
        _store.Discard([.. Enumerable.Range(1, (int)written).Select(i => new SliceId(3, (ulong)i))]);
        await Until(() => Write(100, 2 << 20).AsTask().Result == SliceOutcome.Ok);
    }

    private static byte[] Content(ulong sequence, int bytes)
    {
        var data = new byte[bytes];
        new Random((int)sequence).NextBytes(data);
        return data;
    }

    [Test]
    public async Task A_read_from_memory_leaves_the_judgement_to_the_reader_until_damage_is_known()
    {
        await Write(1, 100_000);
        var slice = Ref(1, 100_000);
        var (bytes, crcs) = (new byte[32768], new uint[4]);
        if (_store.TryReadCached(slice, 32768, bytes, crcs) is { } outcome)
        {
            Assert.That(outcome, Is.EqualTo(SliceOutcome.Ok));
            Assert.That(bytes.AsSpan().SequenceEqual(Content(1, 100_000).AsSpan(32768, 32768)));
            Assert.That(Crc32CSum.JoinBlocks(crcs, SliceLimits.BlockBytes, slice.Length), Is.EqualTo(slice.Crc32C));
        }

        Assert.That(_store.TryReadCached(Ref(77, 10), 0, new byte[10], []), Is.EqualTo(SliceOutcome.Absent));
        Flip("slices-00000001.segment", 4096 + 40_000);
        Assert.That(_store.Status.Damaged, Is.Zero, "nobody has looked");
        Assert.That(_store.Read(slice, 32768, bytes, []), Is.EqualTo(SliceOutcome.Damaged));
        Assert.That(_store.TryReadCached(slice, 0, bytes, []), Is.Null, "only a checked read may answer now");
    }

    private static SliceRef Ref(ulong sequence, int bytes) =>
        new(new SliceId(3, sequence), bytes, Crc32C.Compute(Content(sequence, bytes)));

    private ValueTask<SliceOutcome> Write(ulong sequence, int bytes, bool replaces = false) =>
        _store.WriteAsync(Volume, Ref(sequence, bytes), Content(sequence, bytes), replaces);

    private void CheckReads(ulong sequence, int bytes)
    {
        var slice = Ref(sequence, bytes);
        var content = Content(sequence, bytes);
        var whole = new byte[bytes];
        var crcs = new uint[SliceRecord.BlocksOf(bytes)];
        Assert.That(_store.Read(slice, 0, whole, crcs), Is.EqualTo(SliceOutcome.Ok), $"slice {sequence}");
        Assert.That(whole.AsSpan().SequenceEqual(content), Is.True);
        Assert.That(Crc32CSum.JoinBlocks(crcs, SliceLimits.BlockBytes, bytes), Is.EqualTo(slice.Crc32C));
        for (var at = 0; at < bytes; at += 7 * SliceLimits.BlockBytes)
        {
            var part = new byte[Math.Min(SliceLimits.BlockBytes, bytes - at)];
            Assert.That(_store.Read(slice, at, part, []), Is.EqualTo(SliceOutcome.Ok));
            Assert.That(part.AsSpan().SequenceEqual(content.AsSpan(at, part.Length)), Is.True);
        }
    }

    private void Reopen()
    {
        _store.Dispose();
        _store = SliceStore.Open(_disk, _options, e => _failure = e);
    }

    private void Flip(string name, long offset)
    {
        using var file = _disk.Open(name);
        var one = new byte[1];
        file.Read(offset, one);
        one[0] ^= 0x40;
        file.Write(offset, one);
        file.Sync();
    }

    private static async Task Until(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition()) await Task.Delay(20, timeout.Token);
    }
}
