using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>
/// An entry of a directory in any of the classes Directory (MS-FSCC 2.4.10), FullDirectory (2.4.14), BothDirectory
/// (2.4.8), IdBothDirectory (2.4.17), IdFullDirectory (2.4.18), IdExtdDirectory (2.4.19), IdExtdBothDirectory and
/// Names (2.4.28): what the class lacks is not written, and is zero when read.
/// </summary>
public readonly ref struct DirectoryRecord
{
    /// <summary>Records start at multiples of this.</summary>
    public const int Alignment = 8;

    /// <summary>Zero: as NTFS, the server gives no index to resume from.</summary>
    public uint FileIndex { get; init; }

    public long CreationTime { get; init; }

    public long LastAccessTime { get; init; }

    public long LastWriteTime { get; init; }

    public long ChangeTime { get; init; }

    public long EndOfFile { get; init; }

    public long AllocationSize { get; init; }

    public Smb2FileAttributes FileAttributes { get; init; }

    /// <summary>Of a reparse point, in the classes without a field of its own for it, the tag stands here on the wire.</summary>
    public uint EaSize { get; init; }

    /// <summary>Zero when it is no reparse point.</summary>
    public uint ReparseTag { get; init; }

    public ulong FileId { get; init; }

    /// <summary>The 8.3 name, or empty.</summary>
    public ReadOnlySpan<char> ShortName { get; init; }

    public required ReadOnlySpan<char> Name { get; init; }

    /// <summary>True for a class that lists directories.</summary>
    public static bool IsClass(FileInformationClass informationClass) => DirectoryRecordLayout.TryGet(informationClass, out _);

    /// <summary>Bytes of a record of the class without its name.</summary>
    public static int FixedBytes(FileInformationClass informationClass) =>
        DirectoryRecordLayout.TryGet(informationClass, out var layout) ? layout.Name : 0;

    /// <summary>
    /// Reads the record at the start of the buffer and moves the buffer to the next; false at the end or when it is wrong.
    /// </summary>
    public static bool TryTake(ref ReadOnlySpan<byte> buffer, FileInformationClass informationClass, out DirectoryRecord record)
    {
        record = default;
        if (!DirectoryRecordLayout.TryGet(informationClass, out var layout) || buffer.Length < layout.Name) return false;
        var step = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        var nameBytes = BinaryPrimitives.ReadUInt32LittleEndian(buffer[layout.NameLength..]);
        if (nameBytes % sizeof(char) != 0 || nameBytes > (uint)(buffer.Length - layout.Name)) return false;
        if (step != 0 && (step < layout.Name + (long)nameBytes || step > buffer.Length)) return false;

        if (!TryRead(buffer, layout, (int)nameBytes, out record)) return false;
        buffer = step == 0 ? default : buffer[(int)step..];
        return true;
    }

    /// <summary>Writes the record at the start of the target, which has room for it.</summary>
    internal void Write(Span<byte> target, in DirectoryRecordLayout layout)
    {
        target[..layout.Name].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target[DirectoryRecordLayout.FileIndex..], FileIndex);
        BinaryPrimitives.WriteUInt32LittleEndian(target[layout.NameLength..], (uint)(Name.Length * sizeof(char)));
        CopyChars(Name, target[layout.Name..]);
        if (layout.IsNames) return;

        BinaryPrimitives.WriteInt64LittleEndian(target[8..], CreationTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], LastAccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], LastWriteTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], ChangeTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], EndOfFile);
        BinaryPrimitives.WriteInt64LittleEndian(target[48..], AllocationSize);
        BinaryPrimitives.WriteUInt32LittleEndian(target[56..], (uint)FileAttributes);
        WriteAdditions(target, layout);
    }

    private void WriteAdditions(Span<byte> target, in DirectoryRecordLayout layout)
    {
        if (layout.EaSize != 0)
        {
            var tagInstead = ReparseTag != 0 && layout.ReparseTag == 0;
            BinaryPrimitives.WriteUInt32LittleEndian(target[layout.EaSize..], tagInstead ? ReparseTag : EaSize);
        }

        if (layout.ReparseTag != 0) BinaryPrimitives.WriteUInt32LittleEndian(target[layout.ReparseTag..], ReparseTag);
        if (layout.FileId != 0) BinaryPrimitives.WriteUInt64LittleEndian(target[layout.FileId..], FileId);
        if (layout.ShortName != 0 && ShortName.Length * sizeof(char) <= DirectoryRecordLayout.ShortNameBytesMax)
        {
            target[layout.ShortName] = (byte)(ShortName.Length * sizeof(char));
            CopyChars(ShortName, target[(layout.ShortName + 2)..]);
        }
    }

    private static bool TryRead(
        ReadOnlySpan<byte> buffer, scoped in DirectoryRecordLayout layout, int nameBytes, out DirectoryRecord record)
    {
        record = default;
        var shortNameBytes = layout.ShortName == 0 ? 0 : buffer[layout.ShortName];
        if (shortNameBytes % sizeof(char) != 0 || shortNameBytes > DirectoryRecordLayout.ShortNameBytesMax) return false;

        var full = !layout.IsNames;
        record = new DirectoryRecord
        {
            FileIndex = BinaryPrimitives.ReadUInt32LittleEndian(buffer[DirectoryRecordLayout.FileIndex..]),
            CreationTime = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[8..]) : 0,
            LastAccessTime = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[16..]) : 0,
            LastWriteTime = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[24..]) : 0,
            ChangeTime = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[32..]) : 0,
            EndOfFile = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[40..]) : 0,
            AllocationSize = full ? BinaryPrimitives.ReadInt64LittleEndian(buffer[48..]) : 0,
            FileAttributes = (Smb2FileAttributes)(full ? BinaryPrimitives.ReadUInt32LittleEndian(buffer[56..]) : 0),
            EaSize = layout.EaSize != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(buffer[layout.EaSize..]) : 0,
            ReparseTag = layout.ReparseTag != 0 ? BinaryPrimitives.ReadUInt32LittleEndian(buffer[layout.ReparseTag..]) : 0,
            FileId = layout.FileId != 0 ? BinaryPrimitives.ReadUInt64LittleEndian(buffer[layout.FileId..]) : 0,
            ShortName = shortNameBytes == 0 ? default : Chars(buffer.Slice(layout.ShortName + 2, shortNameBytes)),
            Name = Chars(buffer.Slice(layout.Name, nameBytes)),
        };
        return true;
    }

    // UTF-16LE is the machine's own char everywhere this runs (x64 and arm64), so the bytes are copied as they are.
    private static void CopyChars(ReadOnlySpan<char> chars, Span<byte> target) => MemoryMarshal.AsBytes(chars).CopyTo(target);

    private static ReadOnlySpan<char> Chars(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, char>(bytes);
}
