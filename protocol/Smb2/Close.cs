using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 CLOSE Request, MS-SMB2 2.2.15.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 24    2 Flags    4 Reserved    8 FileId (16)
/// </code>
/// </remarks>
public readonly record struct CloseRequest(FileId File, bool QueryAttributes)
{
    public const int BodyBytes = 24;
    internal const ushort PostQueryAttributes = 1;

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out CloseRequest request)
    {
        request = default;
        if (message.Length < Smb2Header.Bytes + BodyBytes)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != BodyBytes)
            return false;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        request = new CloseRequest(FileId.Read(body[8..]), (flags & PostQueryAttributes) != 0);
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], QueryAttributes ? PostQueryAttributes : (ushort)0);
        var file = File;
        file.Write(body[8..]);
    }
}

/// <summary>SMB2 CLOSE Response, MS-SMB2 2.2.16. Without attributes all fields are zero.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 60    2 Flags           4 Reserved         8 CreationTime    16 LastAccessTime
/// 24 LastWriteTime      32 ChangeTime     40 AllocationSize  48 EndofFile       56 FileAttributes
/// </code>
/// </remarks>
public readonly record struct CloseResponse
{
    public const int BodyBytes = 60;

    /// <summary>Null when the request did not ask, or when they could not be read.</summary>
    public OpenAttributes? Attributes { get; init; }

    /// <summary>Reads a message that begins with its header.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out CloseResponse response)
    {
        response = default;
        if (message.Length < Smb2Header.Bytes + BodyBytes)
            return false;
        var body = message[Smb2Header.Bytes..];
        if (BinaryPrimitives.ReadUInt16LittleEndian(body) != BodyBytes)
            return false;
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        if ((flags & CloseRequest.PostQueryAttributes) != 0)
            response = new CloseResponse { Attributes = OpenAttributes.Read(body[8..]) };
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        if (Attributes is not { } attributes)
            return;
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], CloseRequest.PostQueryAttributes);
        attributes.Write(body[8..]);
    }
}
