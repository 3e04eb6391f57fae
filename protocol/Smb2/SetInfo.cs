using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 SET_INFO Request, MS-SMB2 2.2.39. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 33   2 InfoType   3 FileInfoClass            4 BufferLength
///  8 BufferOffset      10 Reserved  12 AdditionalInformation   16 FileId (16)   32 Buffer
/// </code>
/// </remarks>
public readonly ref struct SetInfoRequest
{
    public const ushort StructureSize = 33;

    /// <summary>Bytes of the body before the buffer.</summary>
    public const int BodyBytes = 32;

    /// <summary>Bytes of the response, which says nothing but its size (MS-SMB2 2.2.40).</summary>
    public const int ResponseBytes = 2;

    public required InfoType InfoType { get; init; }

    /// <summary>FileInformationClass or FileSystemInformationClass, as the type says.</summary>
    public required byte InfoClass { get; init; }

    public ReadOnlySpan<byte> Buffer { get; init; }

    /// <summary>SECURITY_INFORMATION.</summary>
    public uint AdditionalInformation { get; init; }

    public required FileId FileId { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out SetInfoRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]);
        if (!MessageBody.TrySlice(message, BodyBytes, offset, length, out var buffer)) return false;

        request = new SetInfoRequest
        {
            InfoType = (InfoType)body[2],
            InfoClass = body[3],
            Buffer = buffer,
            AdditionalInformation = BinaryPrimitives.ReadUInt32LittleEndian(body[12..]),
            FileId = FileId.Read(body[16..]),
        };
        return true;
    }

    /// <summary>Writes the body and the buffer behind it; gives their length.</summary>
    public int Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = (byte)InfoType;
        body[3] = InfoClass;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)Buffer.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(body[8..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], AdditionalInformation);
        FileId.Write(body[16..]);
        Buffer.CopyTo(body[BodyBytes..]);
        return BodyBytes + Buffer.Length;
    }

    /// <summary>Writes the body of the response.</summary>
    public static void WriteResponse(Span<byte> body) => BinaryPrimitives.WriteUInt16LittleEndian(body, ResponseBytes);
}
