using System.Formats.Asn1;

namespace Gateway.Protocol.Spnego;

/// <summary>NegTokenResp as the client sends it: every token after its first (RFC 4178, 4.2.2). A view of the token.</summary>
public readonly ref struct SpnegoResponse
{
    public SpnegoState? State { get; private init; }

    /// <summary>Empty when there is none.</summary>
    public ReadOnlySpan<byte> ResponseToken { get; private init; }

    /// <summary>The client's signature of its list of mechanisms; empty when there is none.</summary>
    public ReadOnlySpan<byte> MechanismListMic { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> token, out SpnegoResponse response)
    {
        response = default;
        var outer = new DerReader(token);
        if (!outer.TryReadField(1, Asn1Tag.Sequence, out var body, out _) || !outer.AtEnd) return false;

        var reader = new DerReader(body);
        SpnegoState? state = null;
        if (reader.TryReadField(0, Asn1Tag.Enumerated, out var value, out _))
        {
            if (value.Length != 1 || value[0] > (byte)SpnegoState.RequestMic) return false;
            state = (SpnegoState)value[0];
        }

        reader.TryReadField(1, Asn1Tag.ObjectIdentifier, out _, out _);
        if (!reader.TryReadField(2, Asn1Tag.PrimitiveOctetString, out var responseToken, out _)) responseToken = default;
        if (!reader.TryReadField(3, Asn1Tag.PrimitiveOctetString, out var mic, out _)) mic = default;
        if (!reader.AtEnd) return false;

        response = new SpnegoResponse { State = state, ResponseToken = responseToken, MechanismListMic = mic };
        return true;
    }
}
