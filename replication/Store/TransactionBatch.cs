using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// One journal entry under way: its payload, the overlay rows that point into the payload, the mutations that
/// wait for it. Gathers, is sealed, then waits for its commit. Sequencer only.
/// </summary>
internal sealed class TransactionBatch
{
    private byte[] _bytes = [];

    public ulong Index { get; private set; }

    public int Length { get; private set; }

    /// <summary>Changes, the clock row not counted.</summary>
    public int Changes { get; private set; }

    /// <summary>Rows whose newest value this batch wrote at the time; see <see cref="OverlayRow.Batch"/>.</summary>
    public List<OverlayRow> Rows { get; } = [];

    public List<PendingMutation> Waiting { get; } = [];

    public List<SliceId> Discards { get; } = [];

    public bool IsFull => Length >= StoreLimits.BatchBytes;

    public ReadOnlySpan<byte> Slice(int offset, int length) => _bytes.AsSpan(offset, length);

    public void Open(byte[] buffer)
    {
        _bytes = buffer;
        Length = TransactionRecord.HeadBytes;
        Changes = 0;
        Index = 0;
    }

    /// <summary>Adds a change; the places of key and value in the payload.</summary>
    public RowPlace Add(RowChange change, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var room = RowBatchWriter.EncodedBytesMax(key.Length, value.Length);
        if (Length + room > _bytes.Length) Grow(room);
        var keyAt = Length + RowBatchWriter.Encode(_bytes.AsSpan(Length), change, key, value);
        Length = keyAt + key.Length + value.Length;
        Changes++;
        return new RowPlace(keyAt, key.Length, change == RowChange.Put ? value.Length : RowPlace.Deleted);
    }

    /// <summary>Ends the gathering: the payload in an array of its own, and the buffer for the next batch.</summary>
    public byte[] Seal(long clockNanoseconds, long journalBytes, out byte[] buffer)
    {
        buffer = _bytes;
        var payload = GC.AllocateUninitializedArray<byte>(Length);
        TransactionRecord.WriteHead(payload, clockNanoseconds, journalBytes);
        const int head = TransactionRecord.HeadBytes;
        buffer.AsSpan(head, Length - head).CopyTo(payload.AsSpan(head));
        _bytes = payload;
        return payload;
    }

    public void Sent(ulong index) => Index = index;

    public void Clear()
    {
        Rows.Clear();
        Waiting.Clear();
        Discards.Clear();
        _bytes = [];
        Length = 0;
    }

    private void Grow(int room)
    {
        var needed = checked(Length + room);
        if (needed > JournalLimits.PayloadBytesMax)
            throw new InvalidOperationException($"A mutation changes more than {StoreLimits.MutationBytesMax} bytes.");

        // The old array stays as it is: views of it were handed out.
        var bytes = GC.AllocateUninitializedArray<byte>(
            Math.Min(JournalLimits.PayloadBytesMax, Math.Max(needed, Math.Max(_bytes.Length * 2, 64 << 10))));
        _bytes.AsSpan(0, Math.Min(Length, _bytes.Length)).CopyTo(bytes);
        _bytes = bytes;
    }
}

/// <summary>Where a row's key and value lie in a payload.</summary>
internal readonly record struct RowPlace(int KeyOffset, int KeyLength, int ValueLength)
{
    public const int Deleted = -1;
}
