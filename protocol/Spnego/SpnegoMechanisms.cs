namespace Gateway.Protocol.Spnego;

/// <summary>Object identifiers in DER, without tag and length.</summary>
public static class SpnegoMechanisms
{
    /// <summary>SPNEGO itself, 1.3.6.1.5.5.2 (RFC 4178).</summary>
    public static ReadOnlySpan<byte> Spnego => [0x2B, 0x06, 0x01, 0x05, 0x05, 0x02];

    /// <summary>NTLM, 1.3.6.1.4.1.311.2.2.10 (MS-SPNG 1.9).</summary>
    public static ReadOnlySpan<byte> Ntlm => [0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0A];
}
