namespace Gateway.FileSystem.Opens;

public sealed partial class OpenTable
{
    /// <summary>
    /// Before a file is renamed or marked for deletion through an open: whoever else caches opens of it closes what it
    /// only caches, or says that it keeps it (MS-FSA 2.1.4.12, HANDLE caching).
    /// </summary>
    /// <param name="pending">Called before it waits.</param>
    /// <returns>Closed when the open itself ended meanwhile, Cancelled when the waiting was given up.</returns>
    internal ValueTask<FileStatus> YieldHandlesAsync(Open by, Action? pending, CancellationToken cancellation) =>
        YieldHandlesAsync(by.File, by, by, pending, cancellation);

    /// <summary>The same for a file that a rename through an open is about to replace.</summary>
    internal ValueTask<FileStatus> YieldHandlesAsync(
        NodeId file, Open by, Action? pending, CancellationToken cancellation) =>
        YieldHandlesAsync(file, by, null, pending, cancellation);

    /// <summary>
    /// Before an operation that comes by no open: written data that a client has in its cache must come back before a
    /// read, and nobody may go on caching what a change makes wrong.
    /// </summary>
    internal ValueTask YieldAsync(NodeId node, CachingUse use, CancellationToken cancellation)
    {
        // Streams have no name to NFS, so the node is a file.
        if (Find(node) is not { } entry) return ValueTask.CompletedTask;

        if (use == CachingUse.Write) ShowWriteTime(entry);
        var (broken, awaited) = use switch
        {
            CachingUse.Read => (LeaseState.Write, LeaseState.Write),
            CachingUse.Write => (LeaseState.All, LeaseState.Write),
            _ => (LeaseState.Write | LeaseState.Handle, LeaseState.Write | LeaseState.Handle),
        };
        return YieldAsync(entry, null, broken, awaited, null, cancellation);
    }

    /// <summary>The same before a name is taken away, or replaced, by no open.</summary>
    internal ValueTask YieldNameAsync(NodeId directory, byte[] name, CancellationToken cancellation) =>
        Tree.FindNode(directory, name) is { } node
            ? YieldAsync(node, CachingUse.Unname, cancellation)
            : ValueTask.CompletedTask;

    /// <summary>
    /// The entries of a directory changed, or the attributes of one: who caches the directory reads it anew, but for
    /// the one under whose directory lease the change was made (MS-SMB2 3.3.4.7, ParentLeaseKey).
    /// </summary>
    internal void BreakDirectory(NodeId directory, Open? by)
    {
        if (Find(directory) is not { } entry) return;

        var breaks = new BreakList();
        lock (entry.Sync)
        {
            if (entry.Find(directory) is not { } content) return;
            foreach (var lease in content.Leases)
            {
                var own = by?.Lease is { ParentKey: { } parent } && parent == lease.Key && by.Client == lease.Client;
                if (!own) lease.Break(LeaseState.None, breaks);
            }
        }

        breaks.Send();
    }

    private async ValueTask<FileStatus> YieldHandlesAsync(
        NodeId file, Open by, Open? spared, Action? pending, CancellationToken cancellation)
    {
        if (Find(file) is not { } entry) return FileStatus.Ok;
        try
        {
            await YieldAsync(entry, spared, LeaseState.Handle, LeaseState.Handle, pending, cancellation);
        }
        catch (OperationCanceledException)
        {
            return FileStatus.Cancelled;
        }

        return by.IsClosed ? FileStatus.Closed : FileStatus.Ok;
    }

    private static async ValueTask YieldAsync(
        OpenedFile entry, Open? by, LeaseState broken, LeaseState awaited, Action? pending,
        CancellationToken cancellation)
    {
        for (; ; )
        {
            var breaks = new BreakList();
            var waits = new List<Task>();
            lock (entry.Sync)
            {
                foreach (var content in entry.Contents)
                {
                    // Data is of one content, names are of all of them.
                    if (content.IsStream && (awaited & LeaseState.Handle) == 0) continue;
                    if (Break(content, by, broken, awaited, breaks)) waits.Add(content.WhenChanged());
                }
            }

            var again = breaks.EndsOpens;
            await breaks.SendAsync();
            if (!again && (waits.Count == 0 || by is { IsClosed: true })) return;
            if (again || waits.Exists(wait => wait.IsCompleted)) continue;

            pending?.Invoke();
            await Task.WhenAny(waits).WaitAsync(cancellation);
        }
    }

    private static bool Break(
        OpenedContent content, Open? by, LeaseState broken, LeaseState awaited, BreakList breaks)
    {
        var waits = false;
        foreach (var open in content.Opens)
        {
            if (by is not null && (open == by || (open.Lease is { } lease && lease == by.Lease))) continue;

            var state = open.Caching;
            if ((state & broken) == 0) continue;
            open.BreakCaching(state & ~broken, breaks);
            waits |= (open.Caching & awaited) != 0 && !breaks.EndsOpens;
        }

        return waits;
    }
}

/// <summary>What an operation without an open does to a file.</summary>
internal enum CachingUse
{
    /// <summary>Reads its content or size, or asks for its locks.</summary>
    Read,

    /// <summary>Changes its content or size, or locks a range of it.</summary>
    Write,

    /// <summary>Takes its name away.</summary>
    Unname,
}
