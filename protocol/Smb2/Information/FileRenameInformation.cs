using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>Flags of FileRenameInformationEx, MS-FSCC 2.4.38.</summary>
[Flags]
public enum FileRenameFlags : uint
{
    None = 0,
    ReplaceIfExists = 0x1,
    PosixSemantics = 0x2,
    SuppressPinStateInheritance = 0x4,
    SuppressStorageReserveInheritance = 0x8,
    NoIncreaseAvailableSpace = 0x10,
    NoDecreaseAvailableSpace = 0x20,
    IgnoreReadOnlyAttribute = 0x40,
}

/// <summary>
/// FileRenameInformation and FileLinkInformation as SMB2 carries them (MS-FSCC 2.4.37.2, 2.4.24.2), and
/// FileRenameInformationEx (2.4.38). A view of the buffer.
/// </summary>
/// <remarks>
/// <code>
/// 0 ReplaceIfExists (1) | Flags (4)   8 RootDirectory (8)   16 FileNameLength   20 FileName
/// </code>
/// </remarks>
public readonly ref struct FileRenameInformation
{
    public const int FixedBytes = 20;

    /// <summary>Clients pad a short buffer to this, as the structure's size in C is.</summary>
    public const int PaddedBytes = 24;

    public FileRenameFlags Flags { get; init; }

    /// <summary>Must be zero: the name is a path from the share's root.</summary>
    public ulong RootDirectory { get; init; }

    /// <summary>UTF-16.</summary>
    public required ReadOnlySpan<byte> FileName { get; init; }

    /// <summary>Parses a buffer of a SET_INFO; <paramref name="extended"/> for RenameEx, which has flags.</summary>
    public static bool TryParse(ReadOnlySpan<byte> buffer, bool extended, out FileRenameInformation parsed)
    {
        parsed = default;
        if (buffer.Length < FixedBytes) return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer[16..]);
        if (length == 0 || length % sizeof(char) != 0 || length > (uint)(buffer.Length - FixedBytes)) return false;

        var flags = (FileRenameFlags)BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (!extended) flags = buffer[0] != 0 ? FileRenameFlags.ReplaceIfExists : FileRenameFlags.None;
        parsed = new FileRenameInformation
        {
            Flags = flags,
            RootDirectory = BinaryPrimitives.ReadUInt64LittleEndian(buffer[8..]),
            FileName = buffer.Slice(FixedBytes, (int)length),
        };
        return true;
    }

    /// <summary>Writes the structure and its name; gives its length.</summary>
    public int Write(Span<byte> target)
    {
        var length = Math.Max(FixedBytes + FileName.Length, PaddedBytes);
        target[..length].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], RootDirectory);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], (uint)FileName.Length);
        FileName.CopyTo(target[FixedBytes..]);
        return length;
    }
}
