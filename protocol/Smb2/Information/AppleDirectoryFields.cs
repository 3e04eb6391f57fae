using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>
/// What a record of class IdBothDirectory says instead of EaSize, ShortName and the two reserved bytes behind it once
/// the AAPL create context has switched READDIR_ATTR on. Apple does not publish it; this is what its client reads.
/// </summary>
/// <param name="MaximumAccess">The access that the user would be granted.</param>
/// <param name="ResourceForkBytes">Length of the stream AFP_Resource.</param>
/// <param name="UnixMode">Type and permission bits.</param>
public readonly record struct AppleDirectoryFields(uint MaximumAccess, ulong ResourceForkBytes, ushort UnixMode)
{
    private const int MaximumAccessOffset = 64;
    private const int ShortNameLengthOffset = 68;
    private const int ResourceForkOffset = 70;
    private const int CompressedFinderInfoOffset = 78;
    private const int UnixModeOffset = 94;

    /// <summary>Writes the fields into a record of class IdBothDirectory.</summary>
    public void Write(Span<byte> record)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record[MaximumAccessOffset..], MaximumAccess);

        // The documentation of Apple's client says zero, the client itself writes 24 here.
        BinaryPrimitives.WriteUInt16LittleEndian(record[ShortNameLengthOffset..], 24);
        BinaryPrimitives.WriteUInt64LittleEndian(record[ResourceForkOffset..], ResourceForkBytes);
        record[CompressedFinderInfoOffset..UnixModeOffset].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(record[UnixModeOffset..], UnixMode);
    }

    /// <summary>Writes what of FinderInfo (32 bytes) a record shows: type, creator, flags, and the day it was added.</summary>
    public static void WriteFinderInfo(Span<byte> record, ReadOnlySpan<byte> finderInfo, bool isFile, uint dateAdded)
    {
        var target = record[CompressedFinderInfoOffset..UnixModeOffset];
        if (isFile) finderInfo[..8].CopyTo(target);
        finderInfo.Slice(8, 2).CopyTo(target[8..]);
        finderInfo.Slice(24, 2).CopyTo(target[10..]);
        BinaryPrimitives.WriteUInt32BigEndian(target[12..], dateAdded);
    }

    /// <summary>Corrects the length of the resource fork in a record written before.</summary>
    public static void WriteResourceForkBytes(Span<byte> record, ulong bytes) =>
        BinaryPrimitives.WriteUInt64LittleEndian(record[ResourceForkOffset..], bytes);
}
