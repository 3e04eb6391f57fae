using System.Formats.Asn1;

namespace Gateway.Protocol.Spnego;

/// <summary>The tokens that a server writes.</summary>
public static class SpnegoWriter
{
    private const string SpnegoIdentifier = "1.3.6.1.5.5.2";
    private const string NtlmIdentifier = "1.3.6.1.4.1.311.2.2.10";

    /// <summary>What MS-SPNG 2.2.1 puts where a principal once stood; clients compare it with nothing.</summary>
    private static ReadOnlySpan<byte> HintName => "not_defined_in_RFC4178@please_ignore"u8;

    /// <summary>NegTokenInit2 for the NEGOTIATE response: NTLM is what there is.</summary>
    public static byte[] NegotiateHints()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 0)))
        {
            writer.WriteObjectIdentifier(SpnegoIdentifier);
            using (writer.PushSequence(DerReader.Field(0)))
            using (writer.PushSequence())
            {
                using (writer.PushSequence(DerReader.Field(0)))
                using (writer.PushSequence())
                    writer.WriteObjectIdentifier(NtlmIdentifier);

                using (writer.PushSequence(DerReader.Field(3)))
                using (writer.PushSequence())
                using (writer.PushSequence(DerReader.Field(0)))
                    writer.WriteEncodedValue([(byte)UniversalTagNumber.GeneralString, (byte)HintName.Length, .. HintName]);
            }
        }

        return writer.Encode();
    }

    /// <summary>NegTokenResp.</summary>
    /// <param name="namesNtlm">In the first answer: says which mechanism was chosen.</param>
    /// <param name="token">Of the mechanism; empty for none.</param>
    /// <param name="mic">The server's signature of the client's list of mechanisms; empty for none.</param>
    public static byte[] Response(SpnegoState state, bool namesNtlm, ReadOnlySpan<byte> token, ReadOnlySpan<byte> mic)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(DerReader.Field(1)))
        using (writer.PushSequence())
        {
            using (writer.PushSequence(DerReader.Field(0))) writer.WriteEnumeratedValue(state);
            if (namesNtlm)
            {
                using (writer.PushSequence(DerReader.Field(1))) writer.WriteObjectIdentifier(NtlmIdentifier);
            }

            if (!token.IsEmpty)
            {
                using (writer.PushSequence(DerReader.Field(2))) writer.WriteOctetString(token);
            }

            if (!mic.IsEmpty)
            {
                using (writer.PushSequence(DerReader.Field(3))) writer.WriteOctetString(mic);
            }
        }

        return writer.Encode();
    }
}
