using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 NEGOTIATE Request, MS-SMB2 2.2.3.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 36   2 DialectCount   4 SecurityMode   6 Reserved   8 Capabilities   12 ClientGuid (16)
/// 28 ClientStartTime (8), with 3.1.1: NegotiateContextOffset (4), NegotiateContextCount (2), Reserved2 (2)
/// 36 Dialects (2 each), padding, NegotiateContextList
/// </code>
/// </remarks>
public sealed record NegotiateRequest
{
    public const ushort StructureSize = 36;

    private const int BodyBytes = 36;

    /// <summary>There are five; a client that offers many more is not one.</summary>
    private const int DialectsMax = 64;

    public Smb2SecurityMode SecurityMode { get; init; }

    public Smb2Capabilities Capabilities { get; init; }

    public Guid ClientGuid { get; init; }

    public required IReadOnlyList<Smb2Dialect> Dialects { get; init; }

    /// <summary>Only when 3.1.1 is among the dialects.</summary>
    public NegotiateContexts? Contexts { get; init; }

    /// <summary>The highest dialect of ours that the client speaks; None without one.</summary>
    public Smb2Dialect BestDialect
    {
        get
        {
            var best = Smb2Dialect.None;
            foreach (var dialect in Dialects)
            {
                if (dialect > best && dialect.IsSpoken) best = dialect;
            }

            return best;
        }
    }

    /// <summary>Parses a message, its header included; false when it cannot be one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out NegotiateRequest request)
    {
        request = null!;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        int count = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        if (count is 0 or > DialectsMax || body.Length < BodyBytes + count * sizeof(ushort)) return false;

        var dialects = new Smb2Dialect[count];
        for (var i = 0; i < count; i++)
            dialects[i] = (Smb2Dialect)BinaryPrimitives.ReadUInt16LittleEndian(body[(BodyBytes + i * sizeof(ushort))..]);

        NegotiateContexts? contexts = null;
        if (Array.IndexOf(dialects, Smb2Dialect.Smb311) >= 0)
        {
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(body[28..]);
            var contextCount = BinaryPrimitives.ReadUInt16LittleEndian(body[32..]);
            if (offset < Smb2Header.Bytes + BodyBytes || offset > message.Length || offset % NegotiateContexts.Alignment != 0)
                return false;
            if (!NegotiateContexts.TryParse(message[(int)offset..], contextCount, out contexts)) return false;
        }

        request = new NegotiateRequest
        {
            SecurityMode = (Smb2SecurityMode)BinaryPrimitives.ReadUInt16LittleEndian(body[4..]),
            Capabilities = (Smb2Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(body[8..]),
            ClientGuid = new Guid(body.Slice(12, 16)),
            Dialects = dialects,
            Contexts = contexts,
        };
        return true;
    }
}
