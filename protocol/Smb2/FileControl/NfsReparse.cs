using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>Type of a Unix node in an NFS reparse point, MS-FSCC 2.1.2.6: its name in ASCII.</summary>
public enum NfsReparseType : ulong
{
    None = 0,
    CharacterDevice = 0x524843,
    BlockDevice = 0x4B4C42,
    SymbolicLink = 0x014B4E4C,
    Socket = 0x4B434F53,
    Fifo = 0x4F464946,
}

/// <summary>Network File System Reparse Data Buffer, MS-FSCC 2.1.2.6. A view of the data behind the tag.</summary>
/// <remarks>
/// <code>
/// 0 Type   8 of a link: target in UTF-16 | of a device: 8 major, 12 minor | nothing
/// </code>
/// </remarks>
public readonly ref struct NfsReparse
{
    private const int TypeBytes = 8;
    private const int DeviceBytes = 8;

    public required NfsReparseType Type { get; init; }

    /// <summary>Of a link, in UTF-16 with slashes.</summary>
    public ReadOnlySpan<byte> Target { get; init; }

    public uint Major { get; init; }

    public uint Minor { get; init; }

    private bool IsDevice => Type is NfsReparseType.CharacterDevice or NfsReparseType.BlockDevice;

    public static bool TryParse(ReadOnlySpan<byte> data, out NfsReparse node)
    {
        node = default;
        if (data.Length < TypeBytes) return false;

        var type = (NfsReparseType)BinaryPrimitives.ReadUInt64LittleEndian(data);
        var rest = data[TypeBytes..];
        switch (type)
        {
            case NfsReparseType.SymbolicLink when rest.Length % sizeof(char) == 0:
                node = new NfsReparse { Type = type, Target = rest };
                return true;
            case NfsReparseType.CharacterDevice or NfsReparseType.BlockDevice when rest.Length == DeviceBytes:
                node = new NfsReparse
                {
                    Type = type,
                    Major = BinaryPrimitives.ReadUInt32LittleEndian(rest),
                    Minor = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]),
                };
                return true;
            case NfsReparseType.Fifo or NfsReparseType.Socket when rest.IsEmpty:
                node = new NfsReparse { Type = type };
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes a whole reparse buffer, its head included; gives its length.</summary>
    public int Write(Span<byte> output)
    {
        var dataBytes = TypeBytes + (IsDevice ? DeviceBytes : Target.Length);
        ReparseBuffer.WriteHead(output, ReparseTag.Nfs, dataBytes);

        var data = output[ReparseBuffer.HeadBytes..];
        BinaryPrimitives.WriteUInt64LittleEndian(data, (ulong)Type);
        if (IsDevice)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data[TypeBytes..], Major);
            BinaryPrimitives.WriteUInt32LittleEndian(data[(TypeBytes + sizeof(uint))..], Minor);
        }
        else
        {
            Target.CopyTo(data[TypeBytes..]);
        }

        return ReparseBuffer.HeadBytes + dataBytes;
    }
}
