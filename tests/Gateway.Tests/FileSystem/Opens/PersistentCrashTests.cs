using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>
/// The owner dies before any one of its mutations, in the middle of much that happens to persistent opens: what the next one
/// finds fits together, and nothing of it is left when all have ended.
/// </summary>
[TestFixture]
public sealed class PersistentCrashTests : PersistentFixture
{
    /// <summary>More mutations than the script has; the last cases are those without a crash.</summary>
    private const int MutationsMax = 48;

    private const string Doomed = "doomed";

    private int _executed;

    [Test]
    public async Task ACrashAtAnyMomentLeavesWhatFitsTogether([Range(0, MutationsMax)] int mutations)
    {
        await CreateAsync(Tree.Root, "old", Alice);
        await (await PersistAsync(NewClient(), "old")).CloseAsync();
        var grants = new Queue<PersistentGrant>();
        for (var i = 0; i < 8; i++) grants.Enqueue(await NewGrantAsync());

        _executed = 0;
        Store.Interfere = call => call == StoreCall.Execute && _executed++ >= mutations
            ? new StoreInterference(StoreOutcome.Unavailable)
            : null;
        await RunScriptAsync(grants);
        Store.Interfere = null;
        if (mutations == MutationsMax) Assert.That(_executed, Is.LessThan(MutationsMax), "every mutation of the script was the first to be lost");

        await FailOverAsync();
        AssertFits();
        var restored = Tree.Opens.Absent;
        Assert.That(restored, Has.Count.EqualTo(CountRows(RowKeys.OpenPrefix)));
        Advance(61);
        for (var i = 0; i < 1000 && Tree.Opens.Count > 0; i++) await Task.Delay(1);
        Assert.That(Tree.Opens.Count, Is.Zero);
        Assert.That(CountRows(RowKeys.OpenPrefix) + CountRows(RowKeys.OpenLockPrefix) + CountRows(RowKeys.LeasePrefix), Is.Zero);
        Assert.That(CountRows(RowKeys.UnnamedPrefix), Is.Zero);
        Assert.That(await LookupStatusAsync(Tree.Root, Doomed), Is.EqualTo(FileStatus.NoEntry), "deletion on close");
    }

    /// <summary>Goes on whatever fails, as clients do.</summary>
    private async Task RunScriptAsync(Queue<PersistentGrant> grants)
    {
        var client = NewClient();
        var other = NewClient(uid: 1000);
        var made = await TryAsync(client, "new", grants.Dequeue(), LeaseV2(1, "RWH", 1));
        var opened = await TryAsync(client, "old", grants.Dequeue(), LeaseV2(2, "R", 1));
        if (opened is not null) await TryAsync(client, "old", null, LeaseV2(2, "RWH", 1));
        if (made is not null)
        {
            await made.LockAllAsync([(0, 1, true), (5, 1, false)], new LockNumber(1, 0));
            await made.LockAsync(10, 1, true, wait: false, number: new LockNumber(2, 0));
            await made.UnlockAsync([(0, 1), (5, 1)], new LockNumber(1, 1));
        }

        // Ends what the first ones cache, by acknowledgement and without.
        var breaking = await TryAsync(other, "new", null);
        if (breaking is { } writer) await WriteAsync(writer, "x");
        if (made is not null) await PatientlyAsync(token => made.RenameAsync(Tree.Root, Bytes("renamed"), false, cancellation: token));

        var stream = await TryAsync(client, "old:s", grants.Dequeue(), Oplock("s"));
        if (stream is not null) await PatientlyAsync(token => stream.RenameStreamAsync(Bytes("t"), false, cancellation: token));
        var overwriting = await TryAsync(client, "old", grants.Dequeue(), disposition: OpenDisposition.OverwriteIf);

        var first = await TryAsync(client, Doomed, grants.Dequeue(), options: OpenOptions.DeleteOnClose);
        var second = await TryAsync(client, Doomed, grants.Dequeue(), options: OpenOptions.DeleteOnClose);
        var unnamed = await TryAsync(client, "unnamed", grants.Dequeue());
        await Tree.RemoveAsync(Tree.Root, "unnamed"u8, Root);
        if (first is not null) await first.CloseAsync();
        if (second is not null) await second.CloseAsync();
        if (unnamed is not null) await unnamed.CloseAsync();
        if (stream is not null)
        {
            await PatientlyAsync(token => stream.SetDeletePendingAsync(true, cancellation: token));
            await stream.CloseAsync();
        }

        if (overwriting is not null) await overwriting.CloseAsync();
        if (opened is not null) await opened.CloseAsync();
    }

    private async Task<Open?> TryAsync(
        Client client, string path, PersistentGrant? grant, CachingRequest caching = default,
        OpenDisposition disposition = OpenDisposition.OpenIf, OpenOptions options = OpenOptions.None) =>
        (await PatientlyAsync(token => new ValueTask<OpenResult>(TryOpenAsync(
            client, path, caching, disposition: disposition, options: options, persistent: grant, cancellation: token)))).Open;

    /// <summary>Gives up what waits for an answer that was lost.</summary>
    private static async Task<T> PatientlyAsync<T>(Func<CancellationToken, ValueTask<T>> begin)
    {
        using var patience = new CancellationTokenSource();
        var running = begin(patience.Token).AsTask();
        if (await StillRunsAsync(running)) await patience.CancelAsync();
        return await running;
    }

    /// <summary>Locks are of opens, leases have opens, and opens that have one have its row.</summary>
    private void AssertFits()
    {
        using var rows = Store.OpenSnapshot();
        var opens = OpenRows.List(rows);
        var ids = opens.Select(open => open.Grant.Id).ToHashSet();
        Assert.That(Keys(rows, RowKeys.OpenLockPrefix).Select(key => RowKeys.FirstNumber(key)).Where(id => !ids.Contains(id)), Is.Empty);
        var leased = opens.Where(open => open.Oplock == OplockLevel.Lease).Select(open => (open.Client, open.LeaseKey)).Distinct().ToList();
        Assert.That(leased.Select(lease => OpenRows.GetLease(rows, lease.Client, lease.LeaseKey)), Has.None.Null);
        Assert.That(Keys(rows, RowKeys.LeasePrefix), Has.Count.EqualTo(leased.Count));
        foreach (var open in opens) Assert.That(NodeRows.TryGet(rows, open.Content, out _), "its file is there");
    }

    private int CountRows(byte prefix)
    {
        using var rows = Store.OpenSnapshot();
        return Keys(rows, prefix).Count;
    }

    private static List<byte[]> Keys(IRowReader rows, byte prefix)
    {
        var keys = new List<byte[]>();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek([prefix]); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, prefix)) break;
            keys.Add(cursor.Key.ToArray());
        }

        return keys;
    }
}
