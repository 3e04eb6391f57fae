using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a READ, MS-SMB2 2.2.19; only in dialects of SMB 3.</summary>
[Flags]
public enum ReadFlags : byte
{
    None = 0,

    /// <summary>SMB2_READFLAG_READ_UNBUFFERED: past the server's cache.</summary>
    Unbuffered = 0x01,

    /// <summary>SMB2_READFLAG_REQUEST_COMPRESSED.</summary>
    RequestCompressed = 0x02,
}

/// <summary>SMB2 READ Request, MS-SMB2 2.2.19.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 49   2 Padding          3 Flags                    4 Length
///  8 Offset            16 FileId (16)     32 MinimumCount            36 Channel
/// 40 RemainingBytes    44 ReadChannelInfoOffset, 46 Length           48 Buffer (at least one byte)
/// </code>
/// </remarks>
public readonly record struct ReadRequest
{
    public const ushort StructureSize = 49;

    /// <summary>Bytes of the body before the channel information.</summary>
    public const int BodyBytes = 48;

    public ReadFlags Flags { get; init; }

    public required uint Length { get; init; }

    public required ulong Offset { get; init; }

    public required FileId FileId { get; init; }

    /// <summary>A read of fewer bytes fails.</summary>
    public uint MinimumCount { get; init; }

    /// <summary>0, or how the data goes over RDMA.</summary>
    public uint Channel { get; init; }

    public uint RemainingBytes { get; init; }

    /// <summary>Parses a message, its header included.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ReadRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        request = new ReadRequest
        {
            Flags = (ReadFlags)body[3],
            Length = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            Offset = BinaryPrimitives.ReadUInt64LittleEndian(body[8..]),
            FileId = FileId.Read(body[16..]),
            MinimumCount = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            Channel = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]),
            RemainingBytes = BinaryPrimitives.ReadUInt32LittleEndian(body[40..]),
        };
        return true;
    }

    /// <summary>Writes the body with its empty buffer of one byte; gives their length.</summary>
    public int Write(Span<byte> body)
    {
        body[..StructureSize].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = Smb2Header.Bytes + ReadResponse.BodyBytes;
        body[3] = (byte)Flags;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(body[8..], Offset);
        FileId.Write(body[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], MinimumCount);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], Channel);
        BinaryPrimitives.WriteUInt32LittleEndian(body[40..], RemainingBytes);
        return StructureSize;
    }
}

/// <summary>SMB2 READ Response, MS-SMB2 2.2.20: a head with the data behind it.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 17   2 DataOffset (1 byte)   4 DataLength   8 DataRemaining   12 Flags   16 Buffer
/// </code>
/// </remarks>
public static class ReadResponse
{
    public const ushort StructureSize = 17;

    /// <summary>Bytes of the body before the data.</summary>
    public const int BodyBytes = 16;

    /// <param name="body">Room for the head and the padding.</param>
    /// <param name="dataBytes">Bytes of data behind the padding.</param>
    /// <param name="padding">Zeros between head and data.</param>
    public static void WriteHead(Span<byte> body, int dataBytes, int padding = 0)
    {
        body[..(BodyBytes + padding)].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = (byte)(Smb2Header.Bytes + BodyBytes + padding);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)dataBytes);
    }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        return MessageBody.TrySlice(message, BodyBytes, body[2], length, out data);
    }
}
