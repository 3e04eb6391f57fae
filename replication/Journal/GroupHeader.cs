using System.Buffers.Binary;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Journal;

internal enum GroupKind : byte
{
    /// <summary>Entries of one epoch. The first index may lie behind the log's end: then it truncates.</summary>
    Entries = 1,

    /// <summary>The log ends before <see cref="GroupHeader.First"/>.</summary>
    Truncate = 2,

    /// <summary>Everything before is void; the log begins at <see cref="GroupHeader.First"/>.</summary>
    Base = 3,

    /// <summary>Entries before <see cref="GroupHeader.First"/> may be gone with their segments.</summary>
    Trim = 4,

    /// <summary>Entries that replace damaged ones.</summary>
    Repair = 5,

    /// <summary>First of each segment: where the history before it ends.</summary>
    Open = 6,
}

/// <summary>
/// What is known of a group: written at its head and, the same bytes, into the segment's identifier table.
/// </summary>
internal readonly record struct GroupHeader
{
    public const int Bytes = 128;

    private const uint Magic = 0x31_47_4A_4E; // "NJG1"

    public required GroupKind Kind { get; init; }

    public required ulong Sequence { get; init; }

    public required ulong First { get; init; }

    public required ulong Epoch { get; init; }

    /// <summary>False when the entry before <see cref="First"/> is damaged and its chain unknown.</summary>
    public required bool IsPreviousKnown { get; init; }

    public required ulong PreviousEpoch { get; init; }

    public required ulong PreviousChain { get; init; }

    public ulong LastChain { get; init; }

    public int Count { get; init; }

    /// <summary>Header and entries, without the padding to the next block.</summary>
    public int GroupBytes { get; init; }

    /// <summary>Offset in the segment.</summary>
    public required long Offset { get; init; }

    /// <summary>Position in the identifier table.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Everything before this offset was flushed before this group was written.</summary>
    public required long DurableEnd { get; init; }

    /// <summary>All-zero sectors of the padded group. More of them on disk mean that writes were lost, not that bytes rotted.</summary>
    public int ZeroSectors { get; init; }

    /// <summary>Open: the segment in which the history before this segment ends, 0 when there is none.</summary>
    public ulong TailSequence { get; init; }

    /// <summary>Open: the offset at which it ends there; what lies after it is void.</summary>
    public long TailEnd { get; init; }

    public long End => Offset + JournalFormat.AlignUp(GroupBytes);

    public ulong Last => unchecked(First + (ulong)Count - 1);

    public void Write(Span<byte> to)
    {
        to[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = (byte)Kind;
        to[5] = IsPreviousKnown ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], First);
        BinaryPrimitives.WriteUInt64LittleEndian(to[24..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[32..], PreviousEpoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], PreviousChain);
        BinaryPrimitives.WriteUInt64LittleEndian(to[48..], LastChain);
        BinaryPrimitives.WriteInt32LittleEndian(to[56..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[60..], GroupBytes);
        BinaryPrimitives.WriteInt64LittleEndian(to[64..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(to[72..], DurableEnd);
        BinaryPrimitives.WriteInt32LittleEndian(to[80..], Ordinal);
        BinaryPrimitives.WriteInt32LittleEndian(to[84..], ZeroSectors);
        BinaryPrimitives.WriteUInt64LittleEndian(to[88..], TailSequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[96..], TailEnd);
        BinaryPrimitives.WriteUInt32LittleEndian(to[124..], Crc32C.Compute(to[..124]));
    }

    /// <summary>False when the bytes are no group header of this segment.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, ulong sequence, long segmentBytes, out GroupHeader header)
    {
        header = default;
        if (from.Length < Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(from[8..]) != sequence
            || BinaryPrimitives.ReadUInt32LittleEndian(from[124..]) != Crc32C.Compute(from[..124]))
        {
            return false;
        }

        header = new GroupHeader
        {
            Kind = (GroupKind)from[4],
            IsPreviousKnown = (from[5] & 1) != 0,
            Sequence = sequence,
            First = BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            Epoch = BinaryPrimitives.ReadUInt64LittleEndian(from[24..]),
            PreviousEpoch = BinaryPrimitives.ReadUInt64LittleEndian(from[32..]),
            PreviousChain = BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
            LastChain = BinaryPrimitives.ReadUInt64LittleEndian(from[48..]),
            Count = BinaryPrimitives.ReadInt32LittleEndian(from[56..]),
            GroupBytes = BinaryPrimitives.ReadInt32LittleEndian(from[60..]),
            Offset = BinaryPrimitives.ReadInt64LittleEndian(from[64..]),
            DurableEnd = BinaryPrimitives.ReadInt64LittleEndian(from[72..]),
            Ordinal = BinaryPrimitives.ReadInt32LittleEndian(from[80..]),
            ZeroSectors = BinaryPrimitives.ReadInt32LittleEndian(from[84..]),
            TailSequence = BinaryPrimitives.ReadUInt64LittleEndian(from[88..]),
            TailEnd = BinaryPrimitives.ReadInt64LittleEndian(from[96..]),
        };
        return header.IsSane(segmentBytes);
    }

    private bool IsSane(long segmentBytes) =>
        Kind is >= GroupKind.Entries and <= GroupKind.Open
        && Offset >= JournalFormat.DataOffset(segmentBytes) && Offset % JournalFormat.BlockBytes == 0
        && GroupBytes >= Bytes && Count >= 0 && Ordinal >= 0 && End <= segmentBytes;
}
