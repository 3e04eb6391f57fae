using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// The overlay over the committed rows, as one mutation after another sees and changes it. Sequencer only.
/// </summary>
internal sealed class SequencerContext(IRowStore rows, Overlay overlay, ulong epoch) : MutationContext
{
    private readonly List<MergedCursor> _cursors = [];
    private IRowSnapshot? _committed;
    private TransactionBatch _batch = null!;
    private long _clock;
    private bool _full;
    private bool _system;

    public override ulong Epoch => epoch;

    public override long ClockNanoseconds => _clock;

    public override bool IsFull => _full;

    private IRowSnapshot Committed => _committed ??= rows.OpenSnapshot();

    public void Begin(Mutation mutation, TransactionBatch batch, long clockNanoseconds, bool full)
    {
        _batch = batch;
        _clock = clockNanoseconds;
        _full = full;
        _system = mutation is SystemMutation;
    }

    /// <summary>Closes what the mutation left open.</summary>
    public void End()
    {
        foreach (var cursor in _cursors) cursor.Dispose();
        _cursors.Clear();
    }

    /// <summary>Before the committed rows change: the next mutation looks at them anew.</summary>
    public void ReleaseCommitted()
    {
        _committed?.Dispose();
        _committed = null;
    }

    public override bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var row = overlay.Find(key);
        if (row is null) return Committed.TryGet(key, out value);
        value = row.IsDeleted ? default : row.Value;
        return !row.IsDeleted;
    }

    public override IRowCursor OpenCursor()
    {
        var cursor = new MergedCursor(overlay.Order, Committed.OpenCursor());
        _cursors.Add(cursor);
        return cursor;
    }

    public override void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        StoreLimits.CheckChange(key, value, _system);
        overlay.Set(_batch, _batch.Add(RowChange.Put, key, value));
    }

    public override void Delete(ReadOnlySpan<byte> key)
    {
        StoreLimits.CheckChange(key, default, _system);
        overlay.Set(_batch, _batch.Add(RowChange.Delete, key, default));
    }

    public override void Reference(SliceRef slice)
    {
        Span<byte> key = stackalloc byte[SystemRows.LiveSliceKeyBytes];
        SystemRows.WriteLiveSliceKey(slice.Id, key);
        if (overlay.Find(key) is not null || Committed.TryGet(key, out _))
            throw new InvalidOperationException($"Slice {slice.Id} is referenced already, or was discarded.");

        Span<byte> value = stackalloc byte[8];
        SystemRows.WriteLiveSliceValue(slice, value);
        overlay.Set(_batch, _batch.Add(RowChange.Put, key, value));
    }

    public override void Discard(SliceRef slice)
    {
        Span<byte> key = stackalloc byte[SystemRows.LiveSliceKeyBytes];
        SystemRows.WriteLiveSliceKey(slice.Id, key);
        if (!TryGet(key, out _)) throw new InvalidOperationException($"Slice {slice.Id} is not referenced.");

        overlay.Set(_batch, _batch.Add(RowChange.Delete, key, default));
        _batch.Discards.Add(slice.Id);
    }
}
