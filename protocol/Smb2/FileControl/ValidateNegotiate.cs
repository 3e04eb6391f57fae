using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>
/// VALIDATE_NEGOTIATE_INFO Request, MS-SMB2 2.2.31.4: what the client sent in its NEGOTIATE, repeated under a signature.
/// A view of the input.
/// </summary>
/// <remarks>
/// <code>
/// 0 Capabilities   4 Guid (16)   20 SecurityMode   22 DialectCount   24 Dialects
/// </code>
/// </remarks>
public readonly ref struct ValidateNegotiateRequest
{
    private const int FixedBytes = 24;

    private readonly ReadOnlySpan<byte> _dialects;

    private ValidateNegotiateRequest(ReadOnlySpan<byte> dialects) => _dialects = dialects;

    public Smb2Capabilities Capabilities { get; private init; }

    public Guid ClientGuid { get; private init; }

    public Smb2SecurityMode SecurityMode { get; private init; }

    public int DialectCount => _dialects.Length / sizeof(ushort);

    public Smb2Dialect Dialect(int index) =>
        (Smb2Dialect)BinaryPrimitives.ReadUInt16LittleEndian(_dialects[(index * sizeof(ushort))..]);

    public static bool TryParse(ReadOnlySpan<byte> input, out ValidateNegotiateRequest request)
    {
        request = default;
        if (input.Length < FixedBytes) return false;

        var dialectsBytes = BinaryPrimitives.ReadUInt16LittleEndian(input[22..]) * sizeof(ushort);
        if (dialectsBytes > input.Length - FixedBytes) return false;

        request = new ValidateNegotiateRequest(input.Slice(FixedBytes, dialectsBytes))
        {
            Capabilities = (Smb2Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(input),
            ClientGuid = new Guid(input.Slice(4, 16)),
            SecurityMode = (Smb2SecurityMode)BinaryPrimitives.ReadUInt16LittleEndian(input[20..]),
        };
        return true;
    }

    /// <summary>Writes an input; gives its length.</summary>
    public static int Write(
        Span<byte> input, Smb2Capabilities capabilities, Guid client, Smb2SecurityMode mode, ReadOnlySpan<Smb2Dialect> dialects)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(input, (uint)capabilities);
        client.TryWriteBytes(input[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(input[20..], (ushort)mode);
        BinaryPrimitives.WriteUInt16LittleEndian(input[22..], (ushort)dialects.Length);
        for (var index = 0; index < dialects.Length; index++)
            BinaryPrimitives.WriteUInt16LittleEndian(input[(FixedBytes + index * sizeof(ushort))..], (ushort)dialects[index]);
        return FixedBytes + dialects.Length * sizeof(ushort);
    }
}

/// <summary>VALIDATE_NEGOTIATE_INFO Response, MS-SMB2 2.2.32.6.</summary>
/// <remarks>
/// <code>
/// 0 Capabilities   4 Guid (16)   20 SecurityMode   22 Dialect
/// </code>
/// </remarks>
public readonly record struct ValidateNegotiateResponse(
    Smb2Capabilities Capabilities, Guid ServerGuid, Smb2SecurityMode SecurityMode, Smb2Dialect Dialect)
{
    public const int Bytes = 24;

    public static bool TryParse(ReadOnlySpan<byte> output, out ValidateNegotiateResponse response)
    {
        response = default;
        if (output.Length < Bytes) return false;

        response = new ValidateNegotiateResponse(
            (Smb2Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(output),
            new Guid(output.Slice(4, 16)),
            (Smb2SecurityMode)BinaryPrimitives.ReadUInt16LittleEndian(output[20..]),
            (Smb2Dialect)BinaryPrimitives.ReadUInt16LittleEndian(output[22..]));
        return true;
    }

    public void Write(Span<byte> output)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output, (uint)Capabilities);
        ServerGuid.TryWriteBytes(output[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(output[20..], (ushort)SecurityMode);
        BinaryPrimitives.WriteUInt16LittleEndian(output[22..], (ushort)Dialect);
    }
}
