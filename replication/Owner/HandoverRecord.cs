using System.Buffers.Binary;
using System.Text;
using Gateway.Replication.Journal;

namespace Gateway.Replication.Owner;

/// <summary>
/// Payload of the last entry of an owner that gives up in good order:
/// <code>owner (8) | keeps verifier (1) | write verifier (8) | gateway it is meant for, UTF-8 (0 to 64)</code>
/// </summary>
/// <param name="OwnerId">Owner of the epoch that ends.</param>
/// <param name="WriteVerifier">
/// The next owner goes on with it: all that clients were told is buffered was flushed. Null when that is not so.
/// </param>
/// <param name="Successor">The gateway that is to own the volume next; empty for any.</param>
internal sealed record HandoverRecord(ulong OwnerId, ulong? WriteVerifier, string Successor)
{
    private const int HeadBytes = 17;

    public byte[] ToPayload()
    {
        var payload = new byte[HeadBytes + Encoding.UTF8.GetByteCount(Successor)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, OwnerId);
        payload[8] = WriteVerifier is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(9), WriteVerifier ?? 0);
        Encoding.UTF8.GetBytes(Successor, payload.AsSpan(HeadBytes));
        return payload;
    }

    /// <summary>Null for any other entry, and for one of a version that wrote the owner alone.</summary>
    public static HandoverRecord? Read(JournalEntry? entry)
    {
        if (entry is not { Type: JournalEntryType.Handover } || entry.Payload.Length < HeadBytes) return null;

        var payload = entry.Payload.Span;
        var verifier = BinaryPrimitives.ReadUInt64LittleEndian(payload[9..]);
        return new HandoverRecord(
            BinaryPrimitives.ReadUInt64LittleEndian(payload),
            payload[8] == 1 ? verifier : null,
            Encoding.UTF8.GetString(payload[HeadBytes..]));
    }
}
