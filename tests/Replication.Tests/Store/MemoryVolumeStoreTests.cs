using System.Text;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

public sealed class MemoryVolumeStoreTests
{
    [Test]
    public async Task A_mutation_sees_its_own_changes_and_snapshots_see_it_whole()
    {
        var store = new MemoryVolumeStore();
        using var before = store.OpenSnapshot();
        var seen = false;
        var outcome = await store.ExecuteAsync(new Change(context =>
        {
            context.Put("a"u8, "1"u8);
            context.Put("b"u8, "2"u8);
            context.Delete("a"u8);
            seen = !context.TryGet("a"u8, out _) && context.TryGet("b"u8, out var value) && value.SequenceEqual("2"u8);
        }));
        using var after = store.OpenSnapshot();
        Assert.Multiple(() =>
        {
            Assert.That(outcome, Is.EqualTo(StoreOutcome.Ok));
            Assert.That(seen);
            Assert.That(before.Count, Is.Zero);
            Assert.That(after.Count, Is.EqualTo(1));
            Assert.That(store.OpenSnapshots, Is.EqualTo(2));
        });
    }

    [Test]
    public async Task A_cursor_inside_a_mutation_goes_on_behind_deleted_rows()
    {
        var store = new MemoryVolumeStore();
        await store.ExecuteAsync(new Change(context =>
        {
            for (var i = 0; i < 100; i++) context.Put(Encoding.ASCII.GetBytes($"k{i:d3}"), [1]);
        }));
        var seen = 0;
        await store.ExecuteAsync(new Change(context =>
        {
            using var cursor = context.OpenCursor();
            for (var found = cursor.Seek("k"u8); found; found = cursor.MoveNext())
            {
                context.Delete(cursor.Key);
                seen++;
            }
        }));
        using var snapshot = store.OpenSnapshot();
        Assert.That((seen, snapshot.Count, snapshot.SetHash), Is.EqualTo((100, 0L, 0UL)));
    }

    [Test]
    public async Task Slices_are_written_before_they_are_referenced_and_discarded_once()
    {
        var store = new MemoryVolumeStore();
        var slice = (await store.WriteSliceAsync("content"u8.ToArray())).Slice;
        await store.ExecuteAsync(new Change(context => context.Reference(slice)));
        Assert.That(store.LiveSlices(), Is.EqualTo(new[] { slice }));

        var read = new byte[3];
        Assert.That(await store.ReadSliceAsync(slice, 2, read), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(read, Is.EqualTo("nte"u8.ToArray()));

        await store.ExecuteAsync(new Change(context => context.Discard(slice)));
        Assert.That(store.LiveSlices(), Is.Empty);
        Assert.That(await store.ReadSliceAsync(slice, 2, read), Is.EqualTo(StoreOutcome.Damaged));
        Assert.That(
            async () => await store.ExecuteAsync(new Change(context => context.Discard(slice))),
            Throws.InvalidOperationException);
        store.StartNextEpoch();
        var never = new SliceRef(new SliceId(1, 77), 7, 7);
        Assert.That(
            async () => await store.ExecuteAsync(new Change(context => context.Reference(never))),
            Throws.InvalidOperationException);
    }

    [Test]
    public async Task A_mutation_that_throws_leaves_nothing_and_stops_the_store_until_the_next_epoch()
    {
        var store = new MemoryVolumeStore();
        Assert.That(
            async () => await store.ExecuteAsync(new Change(context =>
            {
                context.Put("a"u8, "1"u8);
                context.Put([0, 1], "system rows are not for everybody"u8);
            })),
            Throws.ArgumentException);
        Assert.That(await store.ExecuteAsync(new Change(_ => { })), Is.EqualTo(StoreOutcome.Unavailable));
        var verifier = store.WriteVerifier;
        store.StartNextEpoch();
        Assert.That(await store.ExecuteAsync(new Change(_ => { })), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(store.WriteVerifier, Is.Not.EqualTo(verifier));
        using var snapshot = store.OpenSnapshot();
        Assert.That(snapshot.Count, Is.Zero);
    }

    [Test]
    public async Task Full_nodes_let_only_changes_through_that_free_space()
    {
        var store = new MemoryVolumeStore { Space = new StoreSpace(100, 10, 0) };
        var put = new Change(context => context.Put("a"u8, "1"u8));
        Assert.That(await store.ExecuteAsync(put), Is.EqualTo(StoreOutcome.NoSpace));
        Assert.That((await store.WriteSliceAsync(new byte[1])).Outcome, Is.EqualTo(StoreOutcome.NoSpace));
        var isFull = false;
        var free = new Change(
            context =>
            {
                isFull = context.IsFull;
                context.Put("a"u8, "1"u8);
            },
            freesSpace: true);
        Assert.That(await store.ExecuteAsync(free), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(isFull);
    }

    [Test]
    public async Task A_test_can_answer_unavailable_before_or_after_the_effect()
    {
        var store = new MemoryVolumeStore
        {
            Interfere = _ => new StoreInterference(StoreOutcome.Unavailable, AfterEffect: true),
        };
        var put = new Change(context => context.Put("a"u8, "1"u8));
        Assert.That(await store.ExecuteAsync(put), Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(store.Committed, Is.EqualTo(1));

        store.Interfere = _ => new StoreInterference(StoreOutcome.Unavailable);
        Assert.That(await store.ExecuteAsync(put), Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(store.Committed, Is.EqualTo(1));
    }
}
