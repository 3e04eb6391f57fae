using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>Walks the committed rows with the overlay's changes over them. Sequencer only.</summary>
internal sealed class MergedCursor(OverlayOrder order, IRowCursor committed) : IRowCursor
{
    private OverlayPosition _position;
    private OverlayRow? _changed;
    private long _version;
    private bool _onCommitted;
    private Standing _standing;

    private enum Standing
    {
        Nowhere,
        Committed,
        Changed,
        End,
    }

    public ReadOnlySpan<byte> Key => _standing switch
    {
        Standing.Committed => committed.Key,
        Standing.Changed => _changed!.Key,
        _ => throw new InvalidOperationException("The cursor stands on no row."),
    };

    public ReadOnlySpan<byte> Value => _standing switch
    {
        Standing.Committed => committed.Value,
        Standing.Changed when !_changed!.IsDeleted => _changed.Value,
        _ => throw new InvalidOperationException("The cursor stands on no row."),
    };

    public bool Seek(ReadOnlySpan<byte> key)
    {
        _onCommitted = committed.Seek(key);
        Settle(order.Seek(key));
        return Choose();
    }

    public bool MoveNext()
    {
        if (_standing == Standing.Nowhere) return Seek(default);
        if (_standing == Standing.End) return false;
        Step();
        return Choose();
    }

    public void Dispose() => committed.Dispose();

    /// <summary>Moves both sides behind the current key.</summary>
    private void Step()
    {
        var onChanged = _standing == Standing.Changed;
        var leaveCommitted = !onChanged || (_onCommitted && committed.Key.SequenceEqual(_changed!.Key));

        // When rows came in since, ours may have moved, and others may have come between.
        if (_version != order.Version) Settle(order.Seek(Key, greater: true));
        else if (onChanged) Settle(order.Next(_position));
        if (leaveCommitted) _onCommitted = committed.MoveNext();
    }

    private void Settle(OverlayPosition position)
    {
        _position = position;
        _changed = order.At(position);
        _version = order.Version;
    }

    /// <summary>Takes the smaller side, the overlay where both have the key, and skips what is deleted.</summary>
    private bool Choose()
    {
        while (true)
        {
            if (_changed is null)
            {
                _standing = _onCommitted ? Standing.Committed : Standing.End;
                return _onCommitted;
            }

            var side = _onCommitted ? _changed.Key.SequenceCompareTo(committed.Key) : -1;
            if (side > 0)
            {
                _standing = Standing.Committed;
                return true;
            }

            _standing = Standing.Changed;
            if (!_changed.IsDeleted) return true;
            if (side == 0) _onCommitted = committed.MoveNext();
            Settle(order.Next(_position));
        }
    }
}
