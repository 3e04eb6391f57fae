using System.Buffers.Binary;
using Gateway.Replication.Checksums;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// What a checkpoint is made of: payload of the <see cref="Journal.JournalEntryType.Checkpoint"/> entry, and value of
/// its system row.
/// <code>
/// version (1) | position: index, epoch, chain (24) | rows (8) | set hash (8) | journal bytes (8) | bytes (8)
/// | slice count (4) | slices (24 each) | CRC-32C of all before (4)
/// </code>
/// </summary>
/// <param name="Position">The rows are those after this entry.</param>
/// <param name="JournalBytes">Transaction payload bytes of the volume up to the position.</param>
/// <param name="Bytes">Bytes of all slices.</param>
/// <param name="Slices">In key order.</param>
public sealed record CheckpointManifest(
    AppliedPosition Position,
    long Count,
    ulong SetHash,
    long JournalBytes,
    long Bytes,
    IReadOnlyList<SliceRef> Slices)
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + 24 + 8 + 8 + 8 + 8 + 4;
    private const int CrcBytes = 4;

    /// <summary>The manifest has to fit into one row: about 170 GiB of rows.</summary>
    internal const int SlicesMax = (RowLimits.ValueBytesMax - HeadBytes - CrcBytes) / SliceRef.Bytes;

    public byte[] ToPayload()
    {
        var payload = new byte[HeadBytes + Slices.Count * SliceRef.Bytes + CrcBytes];
        payload[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(1), Position.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(9), Position.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(17), Position.Chain);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(25), Count);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(33), SetHash);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(41), JournalBytes);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(49), Bytes);
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(57), Slices.Count);
        for (var i = 0; i < Slices.Count; i++) Slices[i].Write(payload.AsSpan(HeadBytes + i * SliceRef.Bytes));
        var end = payload.Length - CrcBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(payload.AsSpan(end), Crc32C.Compute(payload.AsSpan(0, end)));
        return payload;
    }

    /// <summary>Null when the bytes are no intact manifest of a known version.</summary>
    public static CheckpointManifest? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadBytes + CrcBytes || payload[0] != Version) return null;
        var slices = BinaryPrimitives.ReadInt32LittleEndian(payload[57..]);
        var end = payload.Length - CrcBytes;
        if (slices is < 0 or > SlicesMax || end != HeadBytes + slices * SliceRef.Bytes) return null;
        if (BinaryPrimitives.ReadUInt32LittleEndian(payload[end..]) != Crc32C.Compute(payload[..end])) return null;

        var refs = new SliceRef[slices];
        for (var i = 0; i < slices; i++) refs[i] = SliceRef.Read(payload[(HeadBytes + i * SliceRef.Bytes)..]);
        return new CheckpointManifest(
            new AppliedPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(payload[1..]),
                BinaryPrimitives.ReadUInt64LittleEndian(payload[9..]),
                BinaryPrimitives.ReadUInt64LittleEndian(payload[17..])),
            BinaryPrimitives.ReadInt64LittleEndian(payload[25..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[33..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[41..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[49..]),
            refs);
    }

    /// <summary>The manifests kept as rows, oldest first.</summary>
    public static List<CheckpointManifest> ReadAll(IRowReader rows)
    {
        var manifests = new List<CheckpointManifest>();
        using var cursor = rows.OpenCursor();
        for (var found = cursor.Seek(SystemRows.CheckpointPrefix); found; found = cursor.MoveNext())
        {
            if (!cursor.Key.StartsWith(SystemRows.CheckpointPrefix)) break;
            var manifest = Read(cursor.Value);
            Invariant.Holds(manifest is not null, "A checkpoint row holds an intact manifest.");
            manifests.Add(manifest);
        }

        return manifests;
    }
}
