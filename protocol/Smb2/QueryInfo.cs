using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>What a QUERY_INFO asks for and a SET_INFO sets, MS-SMB2 2.2.37 and 2.2.39.</summary>
public enum InfoType : byte
{
    File = 1,
    FileSystem = 2,
    Security = 3,
    Quota = 4,
}

/// <summary>Flags of a QUERY_INFO for extended attributes, MS-SMB2 2.2.37.</summary>
[Flags]
public enum QueryInfoFlags : uint
{
    None = 0,
    RestartScan = 1,
    ReturnSingleEntry = 2,
    IndexSpecified = 4,
}

/// <summary>SMB2 QUERY_INFO Request, MS-SMB2 2.2.37. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 41       2 InfoType        3 FileInfoClass   4 OutputBufferLength
///  8 InputBufferOffset     10 Reserved       12 InputBufferLength
/// 16 AdditionalInformation 20 Flags          24 FileId (16)    40 Buffer
/// </code>
/// </remarks>
public readonly ref struct QueryInfoRequest
{
    public const ushort StructureSize = 41;

    /// <summary>Bytes of the body before the input buffer.</summary>
    public const int BodyBytes = 40;

    public required InfoType InfoType { get; init; }

    /// <summary>FileInformationClass or FileSystemInformationClass, as the type says.</summary>
    public required byte InfoClass { get; init; }

    public required uint OutputBufferLength { get; init; }

    /// <summary>Names of extended attributes, or what to list of quotas.</summary>
    public ReadOnlySpan<byte> Input { get; init; }

    /// <summary>SECURITY_INFORMATION, or the index of an extended attribute.</summary>
    public uint AdditionalInformation { get; init; }

    public QueryInfoFlags Flags { get; init; }

    public required FileId FileId { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out QueryInfoRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[12..]);
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[8..]);
        if (!MessageBody.TrySlice(message, BodyBytes, offset, length, out var input)) return false;

        request = new QueryInfoRequest
        {
            InfoType = (InfoType)body[2],
            InfoClass = body[3],
            OutputBufferLength = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            Input = input,
            AdditionalInformation = BinaryPrimitives.ReadUInt32LittleEndian(body[16..]),
            Flags = (QueryInfoFlags)BinaryPrimitives.ReadUInt32LittleEndian(body[20..]),
            FileId = FileId.Read(body[24..]),
        };
        return true;
    }

    /// <summary>Writes the body and the input behind it; gives their length.</summary>
    public int Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = (byte)InfoType;
        body[3] = InfoClass;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], OutputBufferLength);
        if (Input.Length > 0) BinaryPrimitives.WriteUInt16LittleEndian(body[8..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], (uint)Input.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body[16..], AdditionalInformation);
        BinaryPrimitives.WriteUInt32LittleEndian(body[20..], (uint)Flags);
        FileId.Write(body[24..]);
        Input.CopyTo(body[BodyBytes..]);
        return BodyBytes + Input.Length;
    }
}
