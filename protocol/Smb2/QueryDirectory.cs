using System.Buffers.Binary;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a QUERY_DIRECTORY, MS-SMB2 2.2.33.</summary>
[Flags]
public enum QueryDirectoryFlags : byte
{
    None = 0,

    /// <summary>SMB2_RESTART_SCANS: from the first entry, with the pattern of this request.</summary>
    RestartScans = 0x01,

    /// <summary>SMB2_RETURN_SINGLE_ENTRY.</summary>
    ReturnSingleEntry = 0x02,

    /// <summary>SMB2_INDEX_SPECIFIED: go on behind the entry that FileIndex names.</summary>
    IndexSpecified = 0x04,

    /// <summary>SMB2_REOPEN: as a restart, and everything kept of the enumeration is forgotten.</summary>
    Reopen = 0x10,
}

/// <summary>SMB2 QUERY_DIRECTORY Request, MS-SMB2 2.2.33. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 33   2 FileInformationClass   3 Flags   4 FileIndex   8 FileId (16)
/// 24 FileNameOffset    26 FileNameLength        28 OutputBufferLength   32 Buffer
/// </code>
/// </remarks>
public readonly ref struct QueryDirectoryRequest
{
    public const ushort StructureSize = 33;

    /// <summary>Bytes of the body before the search pattern.</summary>
    public const int BodyBytes = 32;

    public required FileInformationClass InformationClass { get; init; }

    public QueryDirectoryFlags Flags { get; init; }

    public uint FileIndex { get; init; }

    public required FileId FileId { get; init; }

    /// <summary>The search pattern in UTF-16; empty when the request goes on with the one before.</summary>
    public ReadOnlySpan<byte> FileName { get; init; }

    public required uint OutputBufferLength { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out QueryDirectoryRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var length = BinaryPrimitives.ReadUInt16LittleEndian(body[26..]);
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[24..]);
        if (length % sizeof(char) != 0 || !MessageBody.TrySlice(message, BodyBytes, offset, length, out var name)) return false;

        request = new QueryDirectoryRequest
        {
            InformationClass = (FileInformationClass)body[2],
            Flags = (QueryDirectoryFlags)body[3],
            FileIndex = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            FileId = FileId.Read(body[8..]),
            FileName = name,
            OutputBufferLength = BinaryPrimitives.ReadUInt32LittleEndian(body[28..]),
        };
        return true;
    }

    /// <summary>Writes the body and the pattern behind it; gives their length.</summary>
    public int Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = (byte)InformationClass;
        body[3] = (byte)Flags;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], FileIndex);
        FileId.Write(body[8..]);
        BinaryPrimitives.WriteUInt16LittleEndian(body[24..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[26..], (ushort)FileName.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], OutputBufferLength);
        FileName.CopyTo(body[BodyBytes..]);
        return BodyBytes + FileName.Length;
    }
}
