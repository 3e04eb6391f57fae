using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a WRITE, MS-SMB2 2.2.21.</summary>
[Flags]
public enum WriteFlags : uint
{
    None = 0,

    /// <summary>SMB2_WRITEFLAG_WRITE_THROUGH: durable before the answer; not in SMB 2.0.2.</summary>
    WriteThrough = 0x01,

    /// <summary>SMB2_WRITEFLAG_WRITE_UNBUFFERED; from SMB 3.0.2 on.</summary>
    Unbuffered = 0x02,
}

/// <summary>SMB2 WRITE Request, MS-SMB2 2.2.21. Says where in the message the data is, so that it need not be copied.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 49   2 DataOffset       4 Length            8 Offset          16 FileId (16)
/// 32 Channel           36 RemainingBytes  40 WriteChannelInfoOffset, 42 Length   44 Flags   48 Buffer
/// </code>
/// </remarks>
public readonly record struct WriteRequest
{
    public const ushort StructureSize = 49;

    /// <summary>Bytes of the body before the data.</summary>
    public const int BodyBytes = 48;

    /// <summary>Largest DataOffset, MS-SMB2 3.3.5.13.</summary>
    public const int DataOffsetMax = 0x100;

    /// <summary>Where the data begins, from the start of the header.</summary>
    public int DataOffset { get; init; }

    /// <summary>Bytes of data.</summary>
    public required int Length { get; init; }

    /// <summary>Where in the file the data goes.</summary>
    public required ulong Offset { get; init; }

    public required FileId FileId { get; init; }

    /// <summary>0, or how the data comes over RDMA.</summary>
    public uint Channel { get; init; }

    public uint RemainingBytes { get; init; }

    public WriteFlags Flags { get; init; }

    /// <summary>Parses a message, its header included; false when the data is not all in it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out WriteRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        if (offset > DataOffsetMax || !MessageBody.TrySlice(message, BodyBytes, offset, length, out _)) return false;

        request = new WriteRequest
        {
            DataOffset = length == 0 ? Smb2Header.Bytes + BodyBytes : offset,
            Length = (int)length,
            Offset = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
            FileId = FileId.Read(body[16..]),
            Channel = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            RemainingBytes = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]),
            Flags = (WriteFlags)BinaryPrimitives.ReadUInt32LittleEndian(body[44..]),
        };
        return true;
    }

    /// <summary>Writes the body up to the data, which is to follow at once.</summary>
    public void WriteHead(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)Length);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], Offset);
        FileId.Write(body[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], Channel);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], RemainingBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[44..], (uint)Flags);
    }
}

/// <summary>SMB2 WRITE Response, MS-SMB2 2.2.22.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 17   4 Count   8 Remaining   12 WriteChannelInfoOffset, 14 Length
/// </code>
/// </remarks>
public readonly record struct WriteResponse(uint Count)
{
    public const ushort StructureSize = 17;

    public const int BodyBytes = 16;

    /// <summary>Parses a message, its header included.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out WriteResponse response)
    {
        response = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;
        response = new WriteResponse(BinaryPrimitives.ReadUInt32LittleEndian(body[4..]));
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Count);
    }
}
