using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 FLUSH Request, MS-SMB2 2.2.17.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 24   2 Reserved1   4 Reserved2   8 FileId (16)
/// </code>
/// </remarks>
public readonly record struct FlushRequest(FileId FileId)
{
    public const int BodyBytes = 24;

    /// <summary>Reserved1 of a macOS client that wants F_FULLFSYNC; the rest of the world sends 0.</summary>
    public const ushort AppleFullSync = 0xFFFF;

    public ushort Reserved1 { get; init; }

    /// <summary>Parses a message, its header included.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out FlushRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, BodyBytes, BodyBytes, out var body)) return false;
        request = new FlushRequest(FileId.Read(body[8..]))
        {
            Reserved1 = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]),
        };
        return true;
    }

    public void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], Reserved1);
        FileId.Write(body[8..]);
    }
}

/// <summary>The empty responses of FLUSH (MS-SMB2 2.2.18) and LOCK (2.2.27): a StructureSize of 4 and nothing else.</summary>
public static class EmptyResponse
{
    public const int BodyBytes = 4;

    public static void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, BodyBytes);
    }

    /// <summary>Whether the message, its header included, is one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message) => MessageBody.TryTake(message, BodyBytes, BodyBytes, out _);
}
