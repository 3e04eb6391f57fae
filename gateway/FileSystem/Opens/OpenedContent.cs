using Gateway.FileSystem.Locks;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// The main content or a stream of an opened file: what share modes, caching and byte-range locks are about. Guarded by
/// the lock of the file, except where said.
/// </summary>
internal sealed class OpenedContent(OpenedFile file, NodeId node)
{
    private TaskCompletionSource? _changed;
    private volatile int _cached;
    private long _reservedBytes;

    public OpenedFile File => file;

    public OpenTable Table => file.Table;

    public Lock Sync => file.Sync;

    public NodeId Node => node;

    public bool IsStream => node != file.Node;

    public List<Open> Opens { get; } = [];

    public List<Lease> Leases { get; } = [];

    public OpenLocks Locks { get; } = new();

    /// <summary>
    /// Space a client asked for before it writes; shown as allocated until the size is set or the last open ends. Not
    /// under the lock.
    /// </summary>
    public long ReservedBytes
    {
        get => Volatile.Read(ref _reservedBytes);
        set => Volatile.Write(ref _reservedBytes, value);
    }

    /// <summary>A stream that goes with its last open.</summary>
    public bool DeletePending { get; set; }

    /// <summary>Asked at the last open's end whether a stream stays; null for one that does.</summary>
    public Func<Open, ValueTask<bool>>? IsKept { get; set; }

    /// <summary>Completes when the stream is gone; not null while its last open takes it away.</summary>
    public Task? Removal { get; set; }

    /// <summary>Something about to happen to the content holds the entry in the table.</summary>
    public int Uses { get; set; }

    public bool IsUnused => Opens.Count == 0 && Uses == 0;

    /// <summary>Leases and oplocks that let clients cache. May be read without the lock.</summary>
    public int Cached => _cached;

    /// <summary>Completes with the next change of opens or caching. Take it under the lock, await it outside.</summary>
    public Task WhenChanged() =>
        (_changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Opens, leases or oplocks changed in a way that others may wait for.</summary>
    public void Signal()
    {
        Recount();
        _changed?.TrySetResult();
        _changed = null;
    }

    public void Recount()
    {
        var cached = 0;
        foreach (var lease in Leases) cached += lease.State == LeaseState.None ? 0 : 1;
        foreach (var open in Opens) cached += open.Lease is null && open.Oplock != OplockLevel.None ? 1 : 0;
        _cached = cached;
    }
}
