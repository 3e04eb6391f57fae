using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileStreamInformation, MS-FSCC 2.4.43: a stream in the list of a file's streams. A view of the buffer.</summary>
/// <remarks>
/// <code>
/// 0 NextEntryOffset   4 StreamNameLength   8 StreamSize (8)   16 StreamAllocationSize (8)   24 StreamName
/// </code>
/// </remarks>
public readonly ref struct FileStreamInformation
{
    /// <summary>Bytes before the name.</summary>
    public const int FixedBytes = 24;

    /// <summary>Entries start at multiples of this.</summary>
    public const int Alignment = 8;

    /// <summary>":name:$DATA" in UTF-16.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    public required long Size { get; init; }

    public required long AllocationSize { get; init; }

    /// <summary>
    /// Reads the entry at the start of the buffer and moves the buffer to the next; false at the end or when it is wrong.
    /// </summary>
    public static bool TryTake(ref ReadOnlySpan<byte> buffer, out FileStreamInformation entry)
    {
        entry = default;
        if (buffer.Length < FixedBytes) return false;
        var step = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        var nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(buffer[4..]);
        if (nameBytes > (uint)(buffer.Length - FixedBytes)) return false;
        if (step != 0 && (step < FixedBytes + (long)nameBytes || step > buffer.Length)) return false;

        entry = new FileStreamInformation
        {
            Name = buffer.Slice(FixedBytes, (int)nameBytes),
            Size = BinaryPrimitives.ReadInt64LittleEndian(buffer[8..]),
            AllocationSize = BinaryPrimitives.ReadInt64LittleEndian(buffer[16..]),
        };
        buffer = step == 0 ? default : buffer[(int)step..];
        return true;
    }

    /// <summary>Writes an entry but for its name, whose bytes the caller puts behind.</summary>
    public static void Write(Span<byte> target, int nameBytes, long size, long allocationSize)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], (uint)nameBytes);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], size);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], allocationSize);
    }

    /// <summary>Points an entry written before to the one behind it.</summary>
    public static void Link(Span<byte> entry, int nextEntryOffset) =>
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)nextEntryOffset);
}
