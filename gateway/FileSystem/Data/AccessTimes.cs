using System.Collections.Concurrent;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Access times by the rule of relatime: noted in memory, written by and by, many in one mutation. A read costs a
/// look at the times it has read anyway. Thread-safe.
/// </summary>
internal sealed class AccessTimes(IVolumeStore store, TimeProvider clock, TimeSpan delay)
{
    /// <summary>Nodes noted at most; more are not noted, which relatime allows.</summary>
    private const int NotedMax = 1 << 16;

    private const int PerMutationMax = 256;
    private const long DayNanoseconds = 86_400_000_000_000;

    private readonly ConcurrentDictionary<ulong, Noted> _noted = new();
    private int _count;

    public void Note(NodeId node, in Inode inode)
    {
        var due = inode.AccessTime <= inode.ModifyTime || inode.AccessTime <= inode.ChangeTime;
        var now = Timestamp.NanosecondsNow(clock);
        if (!due && now - inode.AccessTime < DayNanoseconds) return;
        if (now <= inode.AccessTime || Volatile.Read(ref _count) >= NotedMax) return;
        if (_noted.TryAdd(node.Inode, new Noted(node, now, clock.GetTimestamp()))) Interlocked.Increment(ref _count);
    }

    public async ValueTask FlushAsync(bool all)
    {
        if (_noted.IsEmpty) return;

        var batch = new List<Noted>();
        foreach (var (number, noted) in _noted)
        {
            if (!all && clock.GetElapsedTime(noted.At) < delay) continue;
            if (!_noted.TryRemove(number, out _)) continue;
            Interlocked.Decrement(ref _count);
            batch.Add(noted);
            if (batch.Count < PerMutationMax) continue;
            await store.ExecuteAsync(new AccessMutation([.. batch]));
            batch.Clear();
        }

        // Refused for lack of space or ownership: an access time is no promise.
        if (batch.Count > 0) await store.ExecuteAsync(new AccessMutation([.. batch]));
    }

    private readonly record struct Noted(NodeId Node, long Time, long At);

    private sealed class AccessMutation(Noted[] batch) : Mutation
    {
        public override void Execute(MutationContext context)
        {
            foreach (var noted in batch)
            {
                if (!NodeRows.TryGet(context, noted.Node, out var inode) || inode.AccessTime >= noted.Time) continue;
                inode.AccessTime = noted.Time;
                NodeRows.Put(context, noted.Node.Inode, inode);
            }
        }
    }
}
