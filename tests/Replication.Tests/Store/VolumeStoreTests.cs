using System.Text;
using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Store;

public sealed class VolumeStoreTests
{
    [Test]
    public async Task Readers_see_a_change_only_when_it_is_committed()
    {
        await using var volume = await Volume.StartAsync();
        volume.Journal.CommitsAtOnce = false;
        var first = volume.Execute(context => context.Put("a"u8, "1"u8)).AsTask();
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = volume.Execute(context =>
        {
            seen.SetResult(context.TryGet("a"u8, out var value) ? Encoding.ASCII.GetString(value) : "");
            context.Put("b"u8, "2"u8);
        }).AsTask();

        Assert.That(await seen.Task, Is.EqualTo("1"), "A mutation sees what is not committed yet.");
        using (var snapshot = volume.Store.OpenSnapshot())
            Assert.That(snapshot.TryGet("a"u8, out _), Is.False, "A reader does not.");
        Assert.That(first.IsCompleted || second.IsCompleted, Is.False);

        await CommitUntil(volume, Task.WhenAll(first, second));
        using var after = volume.Store.OpenSnapshot();
        Assert.That(after.TryGet("a"u8, out _) && after.TryGet("b"u8, out _));
        Assert.That((await first, await second), Is.EqualTo((StoreOutcome.Ok, StoreOutcome.Ok)));
    }

    [Test]
    public async Task A_mutation_that_changed_nothing_waits_for_what_it_may_have_seen()
    {
        await using var volume = await Volume.StartAsync();
        volume.Journal.CommitsAtOnce = false;
        var put = volume.Execute(context => context.Put("a"u8, "1"u8)).AsTask();
        var look = volume.Execute(context => context.TryGet("a"u8, out _)).AsTask();
        var third = volume.Execute(_ => { }).AsTask();
        Assert.That(await Task.WhenAny(look, third, Task.Delay(50)), Is.Not.AnyOf(look, third));
        await CommitUntil(volume, Task.WhenAll(put, look, third));

        // With nothing under way there is nothing to wait for, but the lease.
        Assert.That(await volume.Execute(_ => { }), Is.EqualTo(StoreOutcome.Ok));
        volume.Journal.LeaseValid = false;
        var stale = volume.Execute(_ => { }).AsTask();
        Assert.That(await Task.WhenAny(stale, Task.Delay(50)), Is.Not.EqualTo(stale));
        volume.Journal.LeaseValid = true;
        Assert.That(await stale, Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task Lost_ownership_drops_the_overlay_and_answers_everything_unavailable()
    {
        await using var volume = await Volume.StartAsync();
        await volume.Execute(context => context.Put("a"u8, "1"u8));
        volume.Journal.CommitsAtOnce = false;
        var pending = Enumerable.Range(0, 50)
            .Select(i => volume.Execute(context => context.Put([1, (byte)i], "x"u8)).AsTask()).ToArray();
        volume.Journal.LeaseValid = false;
        var read = volume.Store.ConfirmReadAsync().AsTask();
        volume.Journal.Stop(JournalStop.Fenced);

        Assert.That(await Task.WhenAll(pending), Has.All.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await read, Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await volume.Store.Stopped, Is.EqualTo(JournalStop.Fenced));
        Assert.That(await volume.Execute(_ => { }), Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await volume.Store.ConfirmReadAsync(), Is.EqualTo(StoreOutcome.Unavailable));
        using var snapshot = volume.Store.OpenSnapshot();
        Assert.That(snapshot.TryGet("a"u8, out _) && !snapshot.TryGet([1, 0], out _));
    }

    [Test]
    public async Task What_committed_before_the_end_is_still_answered_ok()
    {
        await using var volume = await Volume.StartAsync();
        volume.Journal.CommitsAtOnce = false;
        var put = volume.Execute(context => context.Put("a"u8, "1"u8)).AsTask();
        while (volume.Journal.LastIndex < 2) await Task.Yield();
        volume.Journal.CommitThrough(2);
        volume.Journal.Stop(JournalStop.Fenced);
        Assert.That(await put, Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task A_hand_over_is_the_journals_own_entry_and_is_applied()
    {
        await using var volume = await Volume.StartAsync();
        await volume.Execute(context => context.Put("a"u8, "1"u8));
        volume.Journal.HandOver();
        Assert.That(await volume.Store.Stopped, Is.EqualTo(JournalStop.Closed));
        Assert.That(volume.Rows.Applied.Index, Is.EqualTo(3));
        await using var next = await Volume.StartAsync(null, 2, volume.Journal.Entries, volume.Rows);
        Assert.That(await next.Execute(context => context.Put("b"u8, "1"u8)), Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task Waiting_ends_after_the_bound_with_an_unknown_outcome()
    {
        var time = new ManualTime();
        await using var volume = await Volume.StartAsync(
            new VolumeStoreOptions { MutationsPendingMax = 2, EntriesInFlightMax = 1 }, time: time);
        volume.Journal.CommitsAtOnce = false;
        volume.Journal.LeaseValid = false;
        var first = volume.Execute(context => context.Put("a"u8, "1"u8)).AsTask();
        var second = volume.Execute(context => context.Put("b"u8, "1"u8)).AsTask();
        var third = volume.Execute(context => context.Put("c"u8, "1"u8)).AsTask();
        var read = volume.Store.ConfirmReadAsync().AsTask();
        var all = Task.WhenAll(first, second, third, read);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.That(await Task.WhenAny(all, Task.Delay(50)), Is.Not.EqualTo(all));
        while (!all.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.WhenAny(all, Task.Delay(5));
        }

        Assert.That(await all, Has.All.EqualTo(StoreOutcome.Unavailable));

        // The first was handed to the journal and takes effect after all.
        volume.Journal.CommitsAtOnce = true;
        volume.Journal.LeaseValid = true;
        volume.Journal.CommitThrough(ulong.MaxValue);
        Assert.That(await volume.Execute(context => context.Put("d"u8, "1"u8)), Is.EqualTo(StoreOutcome.Ok));
        using var snapshot = volume.Store.OpenSnapshot();
        Assert.That(snapshot.TryGet("a"u8, out _));
    }

    [Test]
    public async Task Cancellation_is_honoured_until_the_mutation_starts()
    {
        await using var volume = await Volume.StartAsync();
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        var ran = false;
        Assert.That(
            async () => await volume.Store.ExecuteAsync(new Change(_ => ran = true), cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(ran, Is.False);
        Assert.That(await volume.Execute(context => context.Put("a"u8, "1"u8)), Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task A_mutation_that_throws_stops_the_volume_without_a_trace()
    {
        await using var volume = await Volume.StartAsync();
        var outcome = await volume.Execute(context =>
        {
            context.Put("a"u8, "1"u8);
            throw new InvalidOperationException("broken");
        });
        Assert.That(outcome, Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await volume.Store.Stopped, Is.EqualTo(JournalStop.Broken));
        Assert.That(
            volume.Journal.Entries.Select(entry => entry.Type), Is.EqualTo(new[] { JournalEntryType.EpochStart }));
    }

    [Test]
    public async Task Full_nodes_let_only_changes_through_that_free_space()
    {
        await using var volume = await Volume.StartAsync();
        var saw = new List<bool>();
        await volume.Execute(context => saw.Add(context.IsFull));
        volume.Slices.Space = new StoreSpace(100, 10, 0);
        Assert.That(await volume.Execute(context => context.Put("a"u8, "1"u8)), Is.EqualTo(StoreOutcome.NoSpace));
        Assert.That(
            await volume.Execute(context => context.Put("a"u8, "1"u8), freesSpace: true), Is.EqualTo(StoreOutcome.Ok));
        await volume.Execute(context => saw.Add(context.IsFull), freesSpace: true);
        Assert.That(saw, Is.EqualTo(new[] { false, true }));
        Assert.That(
            await volume.Store.ExecuteAsync(new SystemRowChange().Put(SystemRows.OwedKey("n1", new(1, 1)), [])),
            Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task Batches_gather_while_entries_are_under_way()
    {
        await using var volume = await Volume.StartAsync(new VolumeStoreOptions { EntriesInFlightMax = 1 });
        volume.Journal.CommitsAtOnce = false;
        var pending = Enumerable.Range(0, 1000)
            .Select(i => volume.Execute(context => context.Put(BitConverter.GetBytes(i + 1), new byte[100])).AsTask())
            .ToArray();
        await CommitUntil(volume, Task.WhenAll(pending));
        var transactions = volume.Journal.Entries.Count(entry => entry.Type == JournalEntryType.Transaction);
        Assert.That(transactions, Is.LessThan(100));
        Assert.That(
            volume.Journal.Entries.Max(entry => entry.Payload.Length), Is.LessThan(JournalLimits.PayloadBytesMax));
    }

    [Test]
    public async Task Large_mutations_fit_and_too_large_ones_stop_the_volume()
    {
        await using var volume = await Volume.StartAsync();
        var value = new byte[RowLimits.ValueBytesMax - 100];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => volume.Execute(context =>
        {
            for (byte k = 0; k < 3; k++) context.Put([1, (byte)i, k], value);
        }).AsTask()));
        Assert.That(outcomes, Has.All.EqualTo(StoreOutcome.Ok));
        Assert.That(volume.Rows.Count, Is.EqualTo(16));
        await volume.Execute(context =>
        {
            for (byte k = 0; k < 4; k++) context.Put([2, k], value);
        });
        Assert.That(await volume.Store.Stopped, Is.EqualTo(JournalStop.Broken));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task Random_mutations_agree_with_a_model_while_commits_come_late(int seed)
    {
        var random = new Random(seed);
        await using var volume = await Volume.StartAsync(
            new VolumeStoreOptions { EntriesInFlightMax = 3, StateHashEvery = 7 });
        volume.Journal.CommitsAtOnce = false;
        var model = new SortedDictionary<byte[], byte[]>(new Rows.ByteOrder());
        var pending = new List<Task<StoreOutcome>>();
        for (var round = 0; round < 400; round++)
        {
            // Everything runs on the sequencer, one after another, so the model and the random need no lock.
            pending.Add(volume.Execute(context => RandomMutation.Run(context, random, model)).AsTask());
            if (round % 17 == 0) volume.Journal.CommitThrough(volume.Journal.LastIndex - (ulong)(round % 2));
            if (round % 29 == 0) await Task.Delay(1);
        }

        await CommitUntil(volume, Task.WhenAll(pending));
        Assert.That(pending.Select(task => task.Result), Has.All.EqualTo(StoreOutcome.Ok));
        using var snapshot = volume.Store.OpenSnapshot();
        RandomMutation.Check(snapshot, model);
        Assert.That(volume.Journal.Entries.Any(entry => entry.Type == JournalEntryType.StateHash));

        // Another owner replays to the same rows.
        volume.Journal.Stop(JournalStop.Fenced);
        await using var next = await Volume.StartAsync(
            new VolumeStoreOptions { StateHashEvery = 7 }, 2, volume.Journal.Entries);
        using var replayed = next.Store.OpenSnapshot();
        RandomMutation.Check(replayed, model);
    }

    [Test]
    public async Task Replay_finds_rows_that_differ_from_the_recorded_hash()
    {
        await using var volume = await Volume.StartAsync(new VolumeStoreOptions { StateHashEvery = 5 });
        for (byte i = 0; i < 8; i++) await volume.Execute(context => context.Put([1, i], "x"u8));
        volume.Journal.Stop(JournalStop.Fenced);

        var rows = new MemoryRowStore();
        var writer = new RowBatchWriter();
        writer.Put([9], "a row that no entry wrote"u8);
        rows.Apply(new RowBatchReader(writer.Written), default);
        await using var next = await Volume.StartAsync(
            new VolumeStoreOptions { StateHashEvery = 5 }, 2, volume.Journal.Entries, rows);
        Assert.That(await next.Store.Ready, Is.False);
        Assert.That(await next.Store.Stopped, Is.EqualTo(JournalStop.Broken));
        Assert.That((rows.Count, rows.Applied.Index), Is.EqualTo((0L, 0UL)), "They are built anew.");
    }

    [Test]
    public async Task The_record_clock_never_goes_back_over_epochs()
    {
        var time = new ManualTime();
        time.Advance(TimeSpan.FromHours(2));
        await using var volume = await Volume.StartAsync(time: time);
        var clocks = new List<long>();
        await volume.Execute(context =>
        {
            clocks.Add(context.ClockNanoseconds);
            context.Put("a"u8, "1"u8);
        });
        volume.Journal.Stop(JournalStop.Closed);
        await using var next = await Volume.StartAsync(null, 2, volume.Journal.Entries, time: new ManualTime());
        await next.Execute(context => clocks.Add(context.ClockNanoseconds));
        Assert.That(clocks[1], Is.GreaterThanOrEqualTo(clocks[0]));
        Assert.That(next.Store.WriteVerifier, Is.Not.EqualTo(volume.Store.WriteVerifier));
    }

    [Test]
    public async Task Replay_pauses_when_too_much_waits_to_be_applied()
    {
        await using var volume = await Volume.StartAsync(new VolumeStoreOptions { ReplayBytesMax = 1 });
        using var hold = new ManualResetEventSlim();
        var held = volume.Execute(_ => hold.Wait()).AsTask();
        volume.Journal.CommitsAtOnce = false;
        await volume.Store.Listener.WaitForRoomAsync(default);
        var chain = volume.Journal.Entries[0].Chain;
        var entry = JournalChain.Follow(1, chain, 1, JournalEntryType.Handover, new byte[100]);
        volume.Store.Listener.Committed(entry);
        var room = volume.Store.Listener.WaitForRoomAsync(default).AsTask();
        Assert.That(room.IsCompleted, Is.False);
        hold.Set();
        await room;
        await held;
    }

    private static async Task CommitUntil(Volume volume, Task done)
    {
        while (!done.IsCompleted)
        {
            volume.Journal.CommitThrough(ulong.MaxValue);
            await Task.WhenAny(done, Task.Delay(1));
        }

        await done;
    }
}
