using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

public sealed class CheckpointTests
{
    private static readonly VolumeStoreOptions Options = new() { StateHashEvery = 50 };

    [Test]
    public async Task A_restored_checkpoint_and_the_journal_behind_it_are_the_rows()
    {
        await using var volume = await Volume.StartAsync(Options);
        var random = new Random(4);
        var model = new SortedDictionary<byte[], byte[]>(new Rows.ByteOrder());
        for (var i = 0; i < 200; i++) await volume.Execute(context => RandomMutation.Run(context, random, model));
        var manifest = await volume.Store.WriteCheckpointAsync();
        Assert.That(manifest, Is.Not.Null);
        for (var i = 0; i < 200; i++) await volume.Execute(context => RandomMutation.Run(context, random, model));
        volume.Journal.Stop(JournalStop.Fenced);

        var recorded = volume.Journal.Entries.Last(entry => entry.Type == JournalEntryType.Checkpoint);
        var read = CheckpointManifest.Read(recorded.Payload.Span)!;
        Assert.That(read.Position, Is.EqualTo(manifest!.Position));
        var rows = new MemoryRowStore();
        Assert.That(
            await CheckpointReader.RestoreAsync(read, volume.Slices, rows, default), Is.EqualTo(StoreOutcome.Ok));
        Assert.That((rows.Applied, rows.SetHash), Is.EqualTo((read.Position, read.SetHash)));

        var behind = volume.Journal.Entries.SkipWhile(entry => entry.Index <= read.Position.Index);
        await using var next = await Volume.StartAsync(Options, 2, behind, rows, volume.Slices);
        Assert.That(await next.Store.Ready);
        using var snapshot = next.Store.OpenSnapshot();
        RandomMutation.Check(snapshot, model);
        Assert.That(snapshot.SetHash, Is.EqualTo(volume.Rows.SetHash));
    }

    [Test]
    public async Task Two_generations_are_kept_and_the_journal_is_trimmed_behind_the_older()
    {
        await using var volume = await Volume.StartAsync(Options);
        var manifests = new List<CheckpointManifest>();
        for (byte round = 1; round <= 4; round++)
        {
            await volume.Execute(context => context.Put([1, round], new byte[100]));
            manifests.Add((await volume.Store.WriteCheckpointAsync())!);
            var older = round < 2 ? 0 : manifests[^2].Position.Index;
            Assert.That(volume.Journal.Trimmed, Is.EqualTo(older));
        }

        var kept = manifests.TakeLast(2).SelectMany(manifest => manifest.Slices).ToArray();
        Assert.That(volume.Slices.Stored, Is.EquivalentTo(kept.Select(slice => slice.Id)));
        using var snapshot = volume.Store.OpenSnapshot();
        Assert.That(
            CheckpointManifest.ReadAll(snapshot).Select(manifest => manifest.Position.Index),
            Is.EqualTo(manifests.TakeLast(2).Select(manifest => manifest.Position.Index)));
        var live = new SliceRef[16];
        Assert.That(live[..SystemRows.ReadLiveSlices(snapshot, null, live)], Is.EquivalentTo(kept));
    }

    [Test]
    public async Task A_checkpoint_is_due_when_the_journal_has_grown()
    {
        await using var volume = await Volume.StartAsync(
            Options with { CheckpointBytesMin = 20_000, CheckpointShare = 0.5 });
        for (byte i = 0; i < 40; i++) await volume.Execute(context => context.Put([1, i], new byte[3000]));
        var count = await CheckpointsAtLeast(volume, 1);
        for (byte i = 0; i < 200; i++) await volume.Execute(context => context.Put([1, 0], new byte[3000]));
        Assert.That(await CheckpointsAtLeast(volume, count + 1), Is.LessThan(20));
    }

    /// <summary>Or the journal would fill the disk before anything of it can be dropped.</summary>
    [Test]
    public async Task On_a_small_disk_a_checkpoint_is_due_earlier()
    {
        const long diskBytes = 32 << 20;
        var slices = new MemorySlices { Space = new StoreSpace(diskBytes, diskBytes, diskBytes) };
        await using var volume = await Volume.StartAsync(Options, slices: slices);
        for (byte i = 0; i < 20; i++) await volume.Execute(context => context.Put([1, i], new byte[128 << 10]));
        Assert.That(await CheckpointsAtLeast(volume, 1), Is.EqualTo(1));
    }

    [Test]
    public async Task A_checkpoint_that_cannot_be_written_leaves_nothing_behind()
    {
        await using var volume = await Volume.StartAsync(Options);
        await volume.Execute(context => context.Put([1], new byte[100]));
        volume.Slices.Space = new StoreSpace(100, 0, 0);
        Assert.That(await volume.Store.WriteCheckpointAsync(), Is.Null);
        Assert.That(volume.Slices.Stored, Is.Empty);
        Assert.That(volume.Journal.Entries.Any(entry => entry.Type == JournalEntryType.Checkpoint), Is.False);
        volume.Slices.Space = new StoreSpace(1 << 20, 1 << 20, 1 << 20);
        Assert.That(await volume.Store.WriteCheckpointAsync(), Is.Not.Null);
    }

    [Test]
    public async Task A_damaged_slice_leaves_empty_rows()
    {
        await using var volume = await Volume.StartAsync(Options);
        await volume.Execute(context => context.Put([1], new byte[100]));
        var manifest = (await volume.Store.WriteCheckpointAsync())!;
        volume.Slices.Corrupt(manifest.Slices[0].Id);
        using var rows = new MemoryRowStore();
        Assert.That(
            await CheckpointReader.RestoreAsync(manifest, volume.Slices, rows, default),
            Is.EqualTo(StoreOutcome.Damaged));
        Assert.That((rows.Count, rows.Applied), Is.EqualTo((0L, default(AppliedPosition))));
    }

    [Test]
    public async Task Rows_of_many_slices_come_back_in_an_lmdb_file()
    {
        await using var volume = await Volume.StartAsync(Options);
        var random = new Random(9);
        for (byte i = 0; i < 12; i++)
        {
            var value = new byte[1 << 20];
            random.NextBytes(value);
            await volume.Execute(context =>
            {
                context.Put([1, i], value);
                for (byte k = 0; k < 100; k++) context.Put([2, i, k], [k]);
            });
        }

        var manifest = (await volume.Store.WriteCheckpointAsync())!;
        Assert.That(manifest.Slices, Has.Count.GreaterThan(3));
        var directory = Directory.CreateTempSubdirectory("rows-").FullName;
        using (var rows = LmdbRowStore.Open(directory))
        {
            Assert.That(
                await CheckpointReader.RestoreAsync(manifest, volume.Slices, rows, default),
                Is.EqualTo(StoreOutcome.Ok));
        }

        using (var rows = LmdbRowStore.Open(directory))
            Assert.That((rows.SetHash, rows.Applied), Is.EqualTo((manifest.SetHash, manifest.Position)));
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public void Every_flipped_byte_of_a_manifest_is_seen()
    {
        var slices = new[] { new SliceRef(new SliceId(1, 2), 3, 4), new SliceRef(new SliceId(1, 3), 5, 6) };
        var manifest = new CheckpointManifest(new AppliedPosition(7, 1, 9), 10, 11, 12, 13, slices);
        var payload = manifest.ToPayload();
        var read = CheckpointManifest.Read(payload)!;
        Assert.That(read with { Slices = slices }, Is.EqualTo(manifest));
        Assert.That(read.Slices, Is.EqualTo(slices));
        for (var i = 0; i < payload.Length; i++)
        {
            payload[i] ^= 0x10;
            Assert.That(CheckpointManifest.Read(payload), Is.Null, $"Byte {i}.");
            payload[i] ^= 0x10;
            Assert.That(CheckpointManifest.Read(payload.AsSpan(0, i)), Is.Null, $"Cut at {i}.");
        }
    }

    private static async Task<int> CheckpointsAtLeast(Volume volume, int wanted)
    {
        while (true)
        {
            var count = volume.Journal.Entries.Count(entry => entry.Type == JournalEntryType.Checkpoint);
            if (count >= wanted) return count;
            await Task.Delay(1);
        }
    }
}
