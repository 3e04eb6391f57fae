using System.Buffers.Binary;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>
/// Payload of a <see cref="Journal.JournalEntryType.Transaction"/> entry:
/// <code>
/// version (1) | flags (1), zero | row batch (see RowBatchWriter), the row of the record clock first
/// </code>
/// References and discards of slices are the puts and deletes of live-slice rows (<see cref="SystemRows"/>) in the
/// batch, so that they cannot disagree with it.
/// </summary>
public static class TransactionRecord
{
    public const byte Version = 1;

    /// <summary>Version, flags and the clock row, which every transaction begins with.</summary>
    internal const int HeadBytes = 2 + 3 + 2 + 16;

    /// <summary>The rows of the transaction.</summary>
    /// <exception cref="InvalidDataException">The payload is of a version that this program does not know.</exception>
    public static RowBatchReader ReadRows(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 2 || payload[0] != Version || payload[1] != 0)
            throw new InvalidDataException("A transaction record has an unknown version.");
        return new RowBatchReader(payload[2..]);
    }

    internal static void WriteHead(Span<byte> payload, long clockNanoseconds, long journalBytes)
    {
        payload[0] = Version;
        payload[1] = 0;
        Span<byte> clock = stackalloc byte[16];
        SystemRows.WriteClock(clock, clockNanoseconds, journalBytes);
        RowBatchWriter.Encode(payload[2..], RowChange.Put, SystemRows.ClockKey, clock);
    }
}

/// <summary>
/// Payload of a <see cref="Journal.JournalEntryType.StateHash"/> entry: <c>version (1) | index (8) | rows (8) | set
/// hash (8)</c>,
/// the rows as of an earlier index.
/// </summary>
public readonly record struct StateHashRecord(ulong Index, long Count, ulong SetHash)
{
    private const int Bytes = 25;
    private const byte Version = 1;

    /// <exception cref="InvalidDataException">The payload is of a version that this program does not know.</exception>
    public static StateHashRecord Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != Bytes || payload[0] != Version)
            throw new InvalidDataException("A state hash record has an unknown version.");
        return new StateHashRecord(
            BinaryPrimitives.ReadUInt64LittleEndian(payload[1..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[9..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[17..]));
    }

    public byte[] ToPayload()
    {
        var payload = new byte[Bytes];
        payload[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(1), Index);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(9), Count);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(17), SetHash);
        return payload;
    }
}
