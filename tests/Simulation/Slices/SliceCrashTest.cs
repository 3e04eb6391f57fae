using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;
using Gateway.Replication.Slices;
using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Slices;

/// <summary>Crashes at any point of the store's work, and what they may leave of the unflushed sectors.</summary>
public sealed class SliceCrashTest
{
    private static readonly SliceStoreOptions Options = new() { SegmentBytes = 64 << 10, ReserveBytes = 0 };

    [Test]
    public void A_crash_loses_no_acknowledged_slice_and_reports_no_damage()
    {
        var states = 0;
        for (var seed = 0; seed < 8; seed++)
        {
            var random = new Random(seed);
            var disk = new SimulatedDisk(seed);
            var store = new Store(disk);
            HashSet<ulong> acknowledged = [];
            HashSet<ulong> discarded = [];
            disk.BeforeChange = at =>
            {
                if (random.Next(8) != 0) return;
                states++;
                var copy = at.Copy(random.Next());
                copy.Crash();
                var recovered = new Store(copy);
                Assert.That(recovered.Catalog.Totals.Damaged, Is.Zero, $"seed {seed}");
                Assert.That(recovered.Catalog.DamageFound, Is.Zero, $"seed {seed}");
                foreach (var id in acknowledged)
                {
                    if (!discarded.Contains(id)) Assert.That(recovered.Reads(id), Is.EqualTo(SliceOutcome.Ok), $"seed {seed} slice {id}");
                }
            };

            ulong next = 1;
            for (var step = 0; step < 30; step++)
            {
                var group = Enumerable.Range(0, random.Next(1, 4)).Select(_ => next++).ToArray();
                store.Write(group);
                acknowledged.UnionWith(group);
                if (random.Next(4) != 0) continue;
                var gone = acknowledged.Where(_ => random.Next(3) == 0).ToArray();
                discarded.UnionWith(gone);
                store.Loop.Discard(gone.Select(Store.Id).ToArray());
                store.Loop.KeepHouse();
            }
        }

        Assert.That(states, Is.GreaterThan(60));
    }

    [Test]
    public void A_recorded_discard_survives_compaction_and_restarts()
    {
        var disk = new SimulatedDisk(3);
        var store = new Store(disk);
        for (ulong i = 1; i <= 40; i++) store.Write([i]);
        store.Loop.Discard(Enumerable.Range(1, 40).Where(i => i % 5 != 0).Select(i => Store.Id((ulong)i)).ToArray());
        store.Loop.Commit([]);
        for (var round = 0; round < 4; round++)
        {
            store.Compact();
            disk.Crash();
            store = new Store(disk);
            Assert.That(store.Catalog.Totals.Count, Is.EqualTo(8), $"round {round}");
        }

        Assert.That(disk.List(), Has.Count.LessThan(8));
        for (ulong i = 5; i <= 40; i += 5) Assert.That(store.Reads(i), Is.EqualTo(SliceOutcome.Ok));
    }

    [Test]
    public void A_slice_repaired_and_then_discarded_does_not_come_back_from_its_damaged_copy()
    {
        var disk = new SimulatedDisk(4);
        var store = new Store(disk);
        for (ulong i = 1; i <= 30; i++) store.Write([i]);
        store.Repair(3);
        for (ulong i = 31; i <= 60; i++) store.Write([i]);
        store.Loop.Discard([Store.Id(3)]);
        store.Loop.Commit([]);

        // The repaired copy's segment dies and goes, then the one that records the discard.
        for (ulong i = 61; i <= 120; i++) store.Write([i]);
        store.Loop.Discard(Enumerable.Range(8, 90).Select(i => Store.Id((ulong)i)).ToArray());
        store.Loop.Commit([]);
        store.Loop.KeepHouse();
        for (var round = 0; round < 3; round++)
        {
            store.Loop.KeepHouse();
            disk.Crash();
            store = new Store(disk);
            Assert.That(store.Reads(3), Is.EqualTo(SliceOutcome.Absent), $"round {round}");
            Assert.That(store.Reads(2), Is.EqualTo(SliceOutcome.Ok));
        }
    }

    [Test]
    public void Every_flipped_byte_of_a_segment_is_harmless_or_a_known_damaged_or_missing_slice()
    {
        var disk = new SimulatedDisk(8);
        var store = new Store(disk);
        for (ulong i = 1; i <= 5; i++) store.Write([i]);
        store.Write([6, 7]);
        var name = disk.List()[0];
        int harmless = 0, damaged = 0;
        for (var offset = 0; offset < Options.SegmentBytes; offset += 11)
        {
            var copy = disk.Copy();
            copy.Rot(name, offset, (byte)(1 << offset % 8));
            copy.Crash();
            var recovered = new Store(copy);
            var bad = Enumerable.Range(1, 7).Count(i => recovered.Reads((ulong)i) != SliceOutcome.Ok);
            Assert.That(bad, Is.LessThanOrEqualTo(1), $"offset {offset}");
            if (bad == 0) harmless++;
            else damaged++;
        }

        Assert.That(damaged, Is.GreaterThan(300));
        Assert.That(harmless, Is.GreaterThan(300));
    }

    /// <summary>The store's parts without its thread.</summary>
    private sealed class Store
    {
        private readonly SliceReader _reader;
        private readonly SliceCompaction _compaction;

        public Store(IDisk disk)
        {
            _reader = new SliceReader(Catalog);
            var writer = new SliceWriter(disk, Options, Catalog);
            SliceRecovery.Run(disk, Options, Catalog, writer);
            _compaction = new SliceCompaction(Options, Catalog, writer, _reader);
            Loop = new SliceCommitLoop(Catalog, writer, _compaction);
        }

        public SliceCatalog Catalog { get; } = new();

        public SliceCommitLoop Loop { get; }

        public static SliceId Id(ulong sequence) => new(2, sequence);

        public void Write(ulong[] sequences)
        {
            var group = sequences.Select(i => new SliceWrite(default, Ref(i), Content(i), false)).ToList();
            Loop.Commit(group);
            Assert.That(group.Select(w => w.Outcome), Is.All.EqualTo(SliceOutcome.Ok));
        }

        public void Repair(ulong sequence)
        {
            Catalog.MarkDamaged(Id(sequence), Catalog.Find(Id(sequence)));
            var write = new SliceWrite(default, Ref(sequence), Content(sequence), true);
            Loop.Commit([write]);
            Assert.That(write.Outcome, Is.EqualTo(SliceOutcome.Ok));
            Assert.That(Reads(sequence), Is.EqualTo(SliceOutcome.Ok));
        }

        public SliceOutcome Reads(ulong sequence) =>
            _reader.Read(Ref(sequence), 0, new byte[Content(sequence).Length], []);

        public void Compact()
        {
            while (_compaction.CompactOne([]) > 0)
            {
            }

            _compaction.DeleteDead([]);
        }

        private static byte[] Content(ulong sequence)
        {
            var bytes = new byte[1 + (int)(sequence * 1237 % 9000)];
            new Random((int)sequence).NextBytes(bytes);
            return bytes;
        }

        private static SliceRef Ref(ulong sequence)
        {
            var content = Content(sequence);
            return new SliceRef(Id(sequence), content.Length, Crc32C.Compute(content));
        }
    }
}
