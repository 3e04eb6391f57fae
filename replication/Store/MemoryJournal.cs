using Gateway.Replication.Journal;

namespace Gateway.Replication.Store;

/// <summary>
/// A journal in memory for tests and benchmarks: commits at once, or when told, and hands its entries to the next epoch
/// as a new owner would find them.
/// </summary>
public sealed class MemoryJournal : IJournal
{
    private readonly Lock _gate = new();
    private readonly List<JournalEntry> _entries;
    private readonly ulong _base;
    private readonly bool _keep;
    private IJournalListener? _listener;
    private TaskCompletionSource _leaseRenewed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _lastIndex;
    private ulong _chain;
    private ulong _delivered;
    private bool _leaseValid = true;
    private bool _stopped;

    /// <param name="entries">What earlier epochs left, behind the base.</param>
    /// <param name="keep">False for benchmarks: committed entries are forgotten.</param>
    public MemoryJournal(ulong epoch, IEnumerable<JournalEntry>? entries = null, bool keep = true)
    {
        Epoch = epoch;
        _keep = keep;
        _entries = [.. entries ?? []];
        _base = _entries.Count == 0 ? 0 : _entries[0].Index - 1;
        _lastIndex = _entries.Count == 0 ? 0 : _entries[^1].Index;
        _chain = _entries.Count == 0 ? JournalChain.Origin : _entries[^1].Chain;
    }

    public ulong Epoch { get; }

    /// <summary>True: an entry is committed as soon as it is appended.</summary>
    public bool CommitsAtOnce { get; set; } = true;

    public bool LeaseValid
    {
        get => Volatile.Read(ref _leaseValid);
        set
        {
            Volatile.Write(ref _leaseValid, value);
            lock (_gate)
            {
                if (value) _leaseRenewed.TrySetResult();
                else _leaseRenewed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public ulong LastIndex
    {
        get
        {
            lock (_gate) return _lastIndex;
        }
    }

    /// <summary>The last index that trimming was allowed for.</summary>
    public ulong Trimmed { get; private set; }

    /// <summary>Everything appended so far, committed or not.</summary>
    public IReadOnlyList<JournalEntry> Entries
    {
        get
        {
            lock (_gate) return [.. _entries];
        }
    }

    /// <summary>Delivers what lies behind the applied position, and this epoch's start.</summary>
    public void Start(IJournalListener listener, ulong applied)
    {
        lock (_gate)
        {
            _listener = listener;
            _delivered = Math.Max(applied, _base);
            Add(JournalEntryType.EpochStart, ReadOnlyMemory<byte>.Empty);
            Deliver(_lastIndex);
        }
    }

    public ulong Append(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        lock (_gate)
        {
            if (_stopped) return 0;
            Add(type, payload);
            if (CommitsAtOnce) Deliver(_lastIndex);
            return _lastIndex;
        }
    }

    /// <summary>Gives the epoch up in an orderly way.</summary>
    public void HandOver()
    {
        lock (_gate)
        {
            Add(JournalEntryType.Handover, ReadOnlyMemory<byte>.Empty);
            Deliver(_lastIndex);
        }

        Stop(JournalStop.Closed);
    }

    /// <summary>Commits everything up to the index.</summary>
    public void CommitThrough(ulong index)
    {
        lock (_gate) Deliver(Math.Min(index, _lastIndex));
    }

    /// <summary>Ends the ownership; entries that are not committed never reach the listener.</summary>
    public void Stop(JournalStop reason)
    {
        lock (_gate)
        {
            if (_stopped) return;
            _stopped = true;
            Volatile.Write(ref _leaseValid, false);
            _leaseRenewed.TrySetResult();
            _listener?.Stopped(reason);
        }
    }

    public void Trim(ulong index) => Trimmed = index;

    public async ValueTask<bool> WaitLeaseAsync(CancellationToken cancellation)
    {
        while (!LeaseValid)
        {
            Task renewed;
            lock (_gate)
            {
                if (_stopped) return false;
                renewed = _leaseRenewed.Task;
            }

            await renewed.WaitAsync(cancellation);
        }

        return true;
    }

    private void Add(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        var entry = JournalChain.Follow(_lastIndex, _chain, Epoch, type, payload);
        _entries.Add(entry);
        _lastIndex = entry.Index;
        _chain = entry.Chain;
    }

    private void Deliver(ulong through)
    {
        if (_stopped) return;
        var first = _lastIndex - (ulong)_entries.Count + 1;
        for (; _delivered < through; _delivered++) _listener!.Committed(_entries[(int)(_delivered + 1 - first)]);
        if (!_keep) _entries.RemoveRange(0, (int)(_delivered + 1 - first));
    }
}
