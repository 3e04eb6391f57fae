using System.Runtime.InteropServices;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>Runs mutations one at a time over rows in memory, on the caller's thread.</summary>
internal sealed class MemorySequencer
{
    private readonly Lock _turn = new();
    private readonly RowTree _tree = new();
    private readonly SnapshotCount _snapshots = new();
    private readonly MemorySlices _slices;
    private readonly MemoryMutationContext _context;
    private readonly TimeProvider _time;
    private RowTreeState _published = new(default, default);
    private long _clock;

    public MemorySequencer(MemorySlices slices, TimeProvider time)
    {
        _slices = slices;
        _time = time;
        _context = new MemoryMutationContext(_tree, slices);
    }

    public ulong Epoch { get; private set; } = 1;

    public bool Stopped { get; private set; }

    public long Committed { get; private set; }

    public int OpenSnapshots => _snapshots.Open;

    public IRowSnapshot OpenSnapshot() => new MemorySnapshot(_snapshots, Volatile.Read(ref _published));

    public void StartNextEpoch()
    {
        lock (_turn)
        {
            Epoch++;
            _slices.Epoch = Epoch;
            Stopped = false;
        }
    }

    public StoreOutcome Execute(Mutation mutation)
    {
        lock (_turn)
        {
            if (Stopped) return StoreOutcome.Unavailable;
            var full = _slices.Space.AvailableBytes <= 0;
            if (full && !mutation.FreesSpace) return StoreOutcome.NoSpace;

            var before = _tree.Freeze();
            var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
            _clock = Math.Max(_clock, now);
            _context.Begin(mutation, Epoch, _clock, full);
            try
            {
                mutation.Execute(_context);
            }
            catch
            {
                // As in the replicated store: nobody knows what the mutation meant to do, so nothing goes on.
                _tree.Restore(before);
                Stopped = true;
                throw;
            }

            if (_context.Changes > 0) Publish();
            return StoreOutcome.Ok;
        }
    }

    private void Publish()
    {
        Committed++;
        var position = new AppliedPosition((ulong)Committed, Epoch, 0);
        Volatile.Write(ref _published, new RowTreeState(_tree.Freeze(), position));
        _slices.Discard(CollectionsMarshal.AsSpan(_context.Discarded));
    }
}
