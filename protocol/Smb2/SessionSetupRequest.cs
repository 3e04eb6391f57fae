using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a SESSION_SETUP Request, MS-SMB2 2.2.5.</summary>
[Flags]
public enum SessionSetupFlags : byte
{
    None = 0,

    /// <summary>BINDING: the session exists, the connection joins it.</summary>
    Binding = 1,
}

/// <summary>SMB2 SESSION_SETUP Request, MS-SMB2 2.2.5. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 25        2 Flags                 3 SecurityMode           4 Capabilities   8 Channel
/// 12 SecurityBufferOffset   14 SecurityBufferLength 16 PreviousSessionId (8) 24 Buffer
/// </code>
/// </remarks>
public readonly ref struct SessionSetupRequest
{
    public const ushort StructureSize = 25;

    private const int BodyBytes = 24;

    public SessionSetupFlags Flags { get; init; }

    public Smb2SecurityMode SecurityMode { get; init; }

    public Smb2Capabilities Capabilities { get; init; }

    /// <summary>A session of the same client that it has lost; 0 for none.</summary>
    public ulong PreviousSessionId { get; init; }

    /// <summary>The GSS or NTLMSSP token.</summary>
    public ReadOnlySpan<byte> SecurityBuffer { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out SessionSetupRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[12..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(body[14..]);
        if (!MessageBody.TrySlice(message, BodyBytes, offset, length, out var buffer)) return false;

        request = new SessionSetupRequest
        {
            Flags = (SessionSetupFlags)body[2],
            SecurityMode = (Smb2SecurityMode)body[3],
            Capabilities = (Smb2Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            PreviousSessionId = BinaryPrimitives.ReadUInt64LittleEndian(body[16..]),
            SecurityBuffer = buffer,
        };
        return true;
    }
}
