using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 NEGOTIATE Response, MS-SMB2 2.2.4.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 65    2 SecurityMode     4 DialectRevision   6 NegotiateContextCount   8 ServerGuid (16)
/// 24 Capabilities       28 MaxTransactSize 32 MaxReadSize      36 MaxWriteSize           40 SystemTime (8)
/// 48 ServerStartTime (8) 56 SecurityBufferOffset   58 SecurityBufferLength   60 NegotiateContextOffset   64 Buffer
/// </code>
/// </remarks>
public sealed record NegotiateResponse
{
    public const ushort StructureSize = 65;

    private const int BodyBytes = 64;

    public Smb2SecurityMode SecurityMode { get; init; }

    public Smb2Dialect Dialect { get; init; }

    public Guid ServerGuid { get; init; }

    public Smb2Capabilities Capabilities { get; init; }

    public uint MaxTransactBytes { get; init; }

    public uint MaxReadBytes { get; init; }

    public uint MaxWriteBytes { get; init; }

    /// <summary>FILETIME.</summary>
    public long SystemTime { get; init; }

    /// <summary>A GSS token that says which mechanisms there are.</summary>
    public ReadOnlyMemory<byte> SecurityBuffer { get; init; }

    /// <summary>Only with 3.1.1.</summary>
    public NegotiateContexts? Contexts { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> message, out NegotiateResponse response)
    {
        response = null!;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var securityOffset = BinaryPrimitives.ReadUInt16LittleEndian(body[56..]);
        var securityLength = BinaryPrimitives.ReadUInt16LittleEndian(body[58..]);
        if (!MessageBody.TrySlice(message, BodyBytes, securityOffset, securityLength, out var security)) return false;

        var dialect = (Smb2Dialect)BinaryPrimitives.ReadUInt16LittleEndian(body[4..]);
        NegotiateContexts? contexts = null;
        if (dialect == Smb2Dialect.Smb311)
        {
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(body[60..]);
            var count = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
            if (offset < Smb2Header.Bytes + BodyBytes || offset > message.Length) return false;
            if (!NegotiateContexts.TryParse(message[(int)offset..], count, out contexts)) return false;
        }

        response = new NegotiateResponse
        {
            SecurityMode = (Smb2SecurityMode)BinaryPrimitives.ReadUInt16LittleEndian(body[2..]),
            Dialect = dialect,
            ServerGuid = new Guid(body.Slice(8, 16)),
            Capabilities = (Smb2Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
            MaxTransactBytes = BinaryPrimitives.ReadUInt32LittleEndian(body[28..]),
            MaxReadBytes = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            MaxWriteBytes = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]),
            SystemTime = BinaryPrimitives.ReadInt64LittleEndian(body[40..]),
            SecurityBuffer = security.ToArray(),
            Contexts = contexts,
        };
        return true;
    }

    /// <summary>Writes the body, right behind the header.</summary>
    public void Write(IBufferWriter<byte> target)
    {
        var bufferEnd = BodyBytes + SecurityBuffer.Length;
        var contextsAt = (bufferEnd + NegotiateContexts.Alignment - 1) / NegotiateContexts.Alignment * NegotiateContexts.Alignment;
        var bytes = Contexts is null ? bufferEnd : contextsAt;
        var body = target.GetSpan(bytes)[..bytes];
        body.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], (ushort)SecurityMode);
        BinaryPrimitives.WriteUInt16LittleEndian(body[4..], (ushort)Dialect);
        BinaryPrimitives.WriteUInt16LittleEndian(body[6..], (ushort)(Contexts?.Count ?? 0));
        ServerGuid.TryWriteBytes(body[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(body[24..], (uint)Capabilities);
        BinaryPrimitives.WriteUInt32LittleEndian(body[28..], MaxTransactBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[32..], MaxReadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[36..], MaxWriteBytes);
        BinaryPrimitives.WriteInt64LittleEndian(body[40..], SystemTime);

        // Clients check the offset even when the buffer is empty. ServerStartTime stays zero, as the specification asks.
        BinaryPrimitives.WriteUInt16LittleEndian(body[56..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[58..], (ushort)SecurityBuffer.Length);
        if (Contexts is not null) BinaryPrimitives.WriteUInt32LittleEndian(body[60..], (uint)(Smb2Header.Bytes + contextsAt));
        SecurityBuffer.Span.CopyTo(body[BodyBytes..]);
        target.Advance(bytes);
        Contexts?.Write(target);
    }
}
