using System.Formats.Asn1;

namespace Gateway.Protocol.Spnego;

/// <summary>
/// The first token of a log-on: what the client can do, in the order it likes it, and usually the first token of its first
/// choice (RFC 4178, 4.2.1; RFC 2743, 3.1). A view of the token.
/// </summary>
public readonly ref struct SpnegoInit
{
    private const int MechanismsMax = 32;

    private static readonly Asn1Tag InitialContextToken = new(TagClass.Application, 0, isConstructed: true);

    /// <summary>The list as it stands in the token: what mechListMIC signs.</summary>
    public ReadOnlySpan<byte> MechanismList { get; private init; }

    /// <summary>The client can do NTLM.</summary>
    public bool OffersNtlm { get; private init; }

    /// <summary>And likes it best: then <see cref="MechanismToken"/> is one of NTLM.</summary>
    public bool PrefersNtlm { get; private init; }

    /// <summary>Empty when there is none.</summary>
    public ReadOnlySpan<byte> MechanismToken { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> token, out SpnegoInit init)
    {
        init = default;
        var outer = new DerReader(token);
        if (!outer.TryRead(InitialContextToken, out var framed) || !outer.AtEnd) return false;

        var frame = new DerReader(framed);
        if (!frame.TryRead(Asn1Tag.ObjectIdentifier, out var identifier) || !identifier.SequenceEqual(SpnegoMechanisms.Spnego)
            || !frame.TryReadField(0, Asn1Tag.Sequence, out var body, out _) || !frame.AtEnd)
        {
            return false;
        }

        var reader = new DerReader(body);
        if (!reader.TryReadField(0, Asn1Tag.Sequence, out var list, out var wholeList)
            || !TryReadMechanisms(list, out var offersNtlm, out var prefersNtlm))
        {
            return false;
        }

        // reqFlags [1] is of no meaning; mechListMIC [3] cannot be one yet, and in NegTokenInit2 the place of hints.
        reader.TryReadField(1, Asn1Tag.PrimitiveBitString, out _, out _);
        if (!reader.TryReadField(2, Asn1Tag.PrimitiveOctetString, out var mechanismToken, out _)) mechanismToken = default;
        reader.TryRead(DerReader.Field(3), out _);
        reader.TryRead(DerReader.Field(4), out _);
        if (!reader.AtEnd) return false;

        init = new SpnegoInit
        {
            MechanismList = wholeList,
            OffersNtlm = offersNtlm,
            PrefersNtlm = prefersNtlm,
            MechanismToken = mechanismToken,
        };
        return true;
    }

    private static bool TryReadMechanisms(ReadOnlySpan<byte> list, out bool offersNtlm, out bool prefersNtlm)
    {
        offersNtlm = prefersNtlm = false;
        var reader = new DerReader(list);
        for (var count = 0; !reader.AtEnd; count++)
        {
            if (count == MechanismsMax || !reader.TryRead(Asn1Tag.ObjectIdentifier, out var identifier)) return false;
            if (!identifier.SequenceEqual(SpnegoMechanisms.Ntlm)) continue;

            offersNtlm = true;
            prefersNtlm |= count == 0;
        }

        return true;
    }
}
