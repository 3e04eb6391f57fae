using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>Changes of one mutation at a time, straight into a <see cref="RowTree"/>.</summary>
internal sealed class MemoryMutationContext(RowTree tree, MemorySlices slices) : MutationContext
{
    private readonly List<RowTreeCursor> _cursors = [];
    private ulong _epoch;
    private long _clock;
    private bool _full;
    private bool _system;

    /// <summary>Changes made by the mutation so far.</summary>
    public int Changes { get; private set; }

    public List<SliceId> Discarded { get; } = [];

    public override ulong Epoch => _epoch;

    public override long ClockNanoseconds => _clock;

    public override bool IsFull => _full;

    public void Begin(Mutation mutation, ulong epoch, long clockNanoseconds, bool full)
    {
        _epoch = epoch;
        _clock = clockNanoseconds;
        _full = full;
        _system = mutation is SystemMutation;
        _cursors.Clear();
        Discarded.Clear();
        Changes = 0;
    }

    public override bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        var node = RowTree.Find(tree.Root, key);
        value = node is null ? default : node.Value;
        return node is not null;
    }

    public override IRowCursor OpenCursor()
    {
        var cursor = new RowTreeCursor(() => tree.Root);
        _cursors.Add(cursor);
        return cursor;
    }

    public override void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        StoreLimits.CheckChange(key, value, _system);
        Change(key, value, put: true);
    }

    public override void Delete(ReadOnlySpan<byte> key)
    {
        StoreLimits.CheckChange(key, default, _system);
        Change(key, default, put: false);
    }

    public override void Reference(SliceRef slice)
    {
        slices.CheckWritten(slice);
        Span<byte> key = stackalloc byte[SystemRows.LiveSliceKeyBytes];
        SystemRows.WriteLiveSliceKey(slice.Id, key);
        if (TryGet(key, out _) || Discarded.Contains(slice.Id))
            throw new InvalidOperationException($"Slice {slice.Id} is referenced already, or was discarded.");

        Span<byte> value = stackalloc byte[8];
        SystemRows.WriteLiveSliceValue(slice, value);
        Change(key, value, put: true);
    }

    public override void Discard(SliceRef slice)
    {
        Span<byte> key = stackalloc byte[SystemRows.LiveSliceKeyBytes];
        SystemRows.WriteLiveSliceKey(slice.Id, key);
        if (!TryGet(key, out _)) throw new InvalidOperationException($"Slice {slice.Id} is not referenced.");

        Change(key, default, put: false);
        Discarded.Add(slice.Id);
    }

    private void Change(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool put)
    {
        if (put) tree.Put(key, value);
        else tree.Delete(key);
        foreach (var cursor in _cursors) cursor.Forget();
        Changes++;
    }
}
