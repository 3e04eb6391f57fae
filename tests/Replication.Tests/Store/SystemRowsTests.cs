using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

public sealed class SystemRowsTests
{
    [Test]
    public async Task References_keep_the_live_slices_and_discards_reach_the_nodes_once_committed()
    {
        await using var volume = await Volume.StartAsync();
        var slices = new List<SliceRef>();
        for (var i = 0; i < 100; i++) slices.Add((await volume.Store.WriteSliceAsync(BitConverter.GetBytes(i))).Slice);
        await volume.Execute(context => slices.ForEach(context.Reference));

        using (var snapshot = volume.Store.OpenSnapshot())
        {
            var live = new List<SliceRef>();
            var group = new SliceRef[7];
            for (SliceId? after = null; SystemRows.ReadLiveSlices(snapshot, after, group) is var count and > 0;)
            {
                live.AddRange(group.AsSpan(0, count));
                after = group[count - 1].Id;
            }

            Assert.That(live, Is.EqualTo(slices));
            Assert.That(SystemRows.TryFindLiveSlice(snapshot, slices[5].Id, out var found) && found == slices[5]);
        }

        volume.Journal.CommitsAtOnce = false;
        var discard = volume.Execute(context => slices.Take(40).ToList().ForEach(context.Discard)).AsTask();
        while (volume.Journal.LastIndex < 3) await Task.Yield();
        Assert.That(volume.Slices.Stored, Has.Count.EqualTo(100));
        volume.Journal.CommitThrough(3);
        await discard;
        Assert.That(volume.Slices.Stored, Is.EquivalentTo(slices.Skip(40).Select(slice => slice.Id)));
    }

    [Test]
    public async Task A_discard_whose_owner_died_is_told_to_the_nodes_by_the_next()
    {
        await using var volume = await Volume.StartAsync();
        var slice = (await volume.Store.WriteSliceAsync(new byte[10])).Slice;
        await volume.Execute(context => context.Reference(slice));
        await volume.Execute(context => context.Discard(slice));
        var slices = new MemorySlices();
        await slices.WriteSliceAsync(new byte[10], null, default);
        Assert.That(slices.Stored, Is.EqualTo(new[] { slice.Id }));
        await using var next = await Volume.StartAsync(null, 2, volume.Journal.Entries, slices: slices);
        Assert.That(slices.Stored, Is.Empty);
    }

    [Test]
    public async Task A_slice_is_referenced_once_and_discarded_once()
    {
        await using var volume = await Volume.StartAsync();
        var slice = (await volume.Store.WriteSliceAsync(new byte[10])).Slice;
        await volume.Execute(context =>
        {
            context.Reference(slice);
            Assert.That(() => context.Reference(slice), Throws.InvalidOperationException);
            context.Discard(slice);
            Assert.That(() => context.Discard(slice), Throws.InvalidOperationException);

            // The nodes will free it: nothing may refer to it again.
            Assert.That(() => context.Reference(slice), Throws.InvalidOperationException);
        });
        using var snapshot = volume.Store.OpenSnapshot();
        Assert.That(SystemRows.TryFindLiveSlice(snapshot, slice.Id, out _), Is.False);
        Assert.That(volume.Slices.Stored, Is.Empty);
    }

    [Test]
    public async Task Owed_slices_are_rows_of_their_node()
    {
        await using var volume = await Volume.StartAsync();
        var change = new SystemRowChange()
            .Put(SystemRows.OwedKey("n2", new SliceId(3, 4)), [])
            .Put(SystemRows.OwedKey("n10", new SliceId(3, 4)), [])
            .Put(SystemRows.OwedKey("n2", new SliceId(3, 5)), []);
        Assert.That(await volume.Store.ExecuteAsync(change), Is.EqualTo(StoreOutcome.Ok));
        using (var snapshot = volume.Store.OpenSnapshot())
        {
            Assert.That(SystemRows.ReadOwed(snapshot, 10), Is.EquivalentTo(new[]
            {
                ("n2", new SliceId(3, 4)), ("n2", new SliceId(3, 5)), ("n10", new SliceId(3, 4)),
            }));
        }

        await volume.Store.ExecuteAsync(new SystemRowChange().Delete(SystemRows.OwedKey("n2", new SliceId(3, 4))));
        using var after = volume.Store.OpenSnapshot();
        Assert.That(SystemRows.ReadOwed(after, 10), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Other_mutations_cannot_touch_system_rows()
    {
        await using var volume = await Volume.StartAsync();
        await volume.Execute(context =>
        {
            Assert.That(() => context.Put([0, 9], default), Throws.ArgumentException);
            Assert.That(() => context.Delete([0]), Throws.ArgumentException);
        });
        Assert.That(volume.Store.Stopped.IsCompleted, Is.False);
    }

    [Test]
    public void Row_hashes_never_change()
    {
        // Recorded in journals and checkpoints: a different value would make every standby look diverged.
        Assert.That(
            (RowHash.Of("key"u8, "value"u8), RowHash.Of([1], new byte[100])),
            Is.EqualTo((15661666414433601197UL, 4835802518568503846UL)));
    }
}
