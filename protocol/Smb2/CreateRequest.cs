using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 CREATE Request, MS-SMB2 2.2.13. A view of the message, alive as long as its buffer.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 57    2 SecurityFlags      3 OplockLevel        4 ImpersonationLevel
///  8 SmbCreateFlags     16 Reserved          24 DesiredAccess     28 FileAttributes
/// 32 ShareAccess        36 CreateDisposition 40 CreateOptions     44 NameOffset   46 NameLength
/// 48 CreateContextsOffset                    52 CreateContextsLength
/// 56 Buffer
/// </code>
/// Enumerations keep values that they do not name: which of them are errors depends on the share and on other fields.
/// </remarks>
public readonly ref struct CreateRequest
{
    public const ushort StructureSize = 57;
    private const int FixedBytes = 56;
    private const int BufferOffset = Smb2Header.Bytes + FixedBytes;

    public Smb2OplockLevel OplockLevel { get; init; }

    public ImpersonationLevel ImpersonationLevel { get; init; }

    /// <summary>ACCESS_MASK, MS-SMB2 2.2.13.1.</summary>
    public uint DesiredAccess { get; init; }

    public Smb2FileAttributes FileAttributes { get; init; }

    public ShareAccess ShareAccess { get; init; }

    public CreateDisposition Disposition { get; init; }

    public CreateOptions Options { get; init; }

    /// <summary>UTF-16, an even number of bytes; empty for the root of the share.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    /// <summary>The chain that <see cref="CreateContexts"/> reads; empty when there is none.</summary>
    public ReadOnlySpan<byte> Contexts { get; init; }

    /// <summary>Bytes of the whole message, the header included.</summary>
    public int MessageBytes => BufferOffset + Math.Max(ContextsStart + Contexts.Length, 1);

    private int ContextsStart => Contexts.IsEmpty ? Name.Length : (Name.Length + 7) & ~7;

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out CreateRequest request)
    {
        request = default;
        if (message.Length < BufferOffset)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != StructureSize)
            return false;
        var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(body[46..]);
        if (!TryTake(message, BinaryPrimitives.ReadUInt16LittleEndian(body[44..]), nameBytes, out var name)
            || !TryTake(
                message,
                BinaryPrimitives.ReadUInt32LittleEndian(body[48..]),
                BinaryPrimitives.ReadUInt32LittleEndian(body[52..]),
                out var contexts)
            || (nameBytes & 1) != 0)
        {
            return false;
        }

        request = new CreateRequest
        {
            OplockLevel = (Smb2OplockLevel)body[3],
            ImpersonationLevel = (ImpersonationLevel)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            DesiredAccess = BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
            FileAttributes = (Smb2FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(body[28..]),
            ShareAccess = (ShareAccess)BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            Disposition = (CreateDisposition)BinaryPrimitives.ReadUInt32LittleEndian(body[36..]),
            Options = (CreateOptions)BinaryPrimitives.ReadUInt32LittleEndian(body[40..]),
            Name = name,
            Contexts = contexts,
        };
        return true;
    }

    /// <summary>Writes everything behind the header, into a message of <see cref="MessageBytes"/>.</summary>
    public void Write(Span<byte> message)
    {
        var body = message[Smb2Header.Bytes..MessageBytes];
        body.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[3] = (byte)OplockLevel;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)ImpersonationLevel);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], DesiredAccess);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], (uint)FileAttributes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], (uint)ShareAccess);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], (uint)Disposition);
        BinaryPrimitives.WriteUInt32LittleEndian(body[40..], (uint)Options);
        BinaryPrimitives.WriteUInt16LittleEndian(body[44..], BufferOffset);
        BinaryPrimitives.WriteUInt16LittleEndian(body[46..], (ushort)Name.Length);
        Name.CopyTo(body[FixedBytes..]);
        if (Contexts.IsEmpty)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(body[48..], (uint)(BufferOffset + ContextsStart));
        BinaryPrimitives.WriteUInt32LittleEndian(body[52..], (uint)Contexts.Length);
        Contexts.CopyTo(body[(FixedBytes + ContextsStart)..]);
    }

    /// <summary>An absent part has length zero; Windows then leaves any offset in the field, as long as it is inside.</summary>
    private static bool TryTake(ReadOnlySpan<byte> message, uint offset, uint length, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (length == 0)
            return offset <= message.Length;
        if (offset < BufferOffset || (ulong)offset + length > (ulong)message.Length)
            return false;
        part = message.Slice((int)offset, (int)length);
        return true;
    }
}
