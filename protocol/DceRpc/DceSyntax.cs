namespace Gateway.Protocol.DceRpc;

/// <summary>p_syntax_id_t, C706 12.6.3.1: an interface or a transfer syntax, and its version.</summary>
public readonly record struct DceSyntax(Guid Uuid, ushort Major, ushort Minor)
{
    public const int Bytes = 20;

    /// <summary>NDR 2.0, the only transfer syntax there is here. NDR64 is refused, and every client knows this one.</summary>
    public static DceSyntax Ndr { get; } = new(new Guid("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2, 0);

    /// <summary>Not a syntax: asks which features of MS-RPCE 2.2.2.14 the server has, by bits in its last bytes.</summary>
    public bool IsFeatureNegotiation
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            Uuid.TryWriteBytes(bytes);
            return Major == 1 && bytes[..8].SequenceEqual(FeatureNegotiationPrefix);
        }
    }

    private static ReadOnlySpan<byte> FeatureNegotiationPrefix => [0x2C, 0x1C, 0xB7, 0x6C, 0x12, 0x98, 0x40, 0x45];

    internal static DceSyntax Read(scoped ref NdrReader reader) =>
        new(reader.ReadGuid(), reader.ReadUInt16(), reader.ReadUInt16());

    internal void Write(NdrWriter writer)
    {
        writer.WriteGuid(Uuid);
        writer.WriteUInt16(Major);
        writer.WriteUInt16(Minor);
    }
}
