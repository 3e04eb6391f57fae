using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>
/// Who the holder of a certificate is: <c>nasgate:CLUSTER/node/n1</c>, as a URI among the certificate's alternative names
/// (RFC 5280 §4.2.1.6). Where a machine is reached is no part of it: nodes move.
/// </summary>
/// <param name="Cluster">Its cluster.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Name">1 to 63 letters, digits, '.', '_' and '-'.</param>
public sealed record LinkIdentity(Guid Cluster, LinkRole Role, string Name)
{
    private const string Scheme = "nasgate:";
    private const int NameCharactersMax = 63;
    private const string AlternativeNameOid = "2.5.29.17";

    /// <summary>uniformResourceIdentifier of GeneralName.</summary>
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The role in a word: "node", "gateway" or "authority".</summary>
    public string RoleName => WordOf(Role);

    public override string ToString() => $"{Scheme}{Cluster:D}/{RoleName}/{Name}";

    /// <summary>True for a name that a certificate can carry.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= NameCharactersMax && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    public static LinkIdentity? TryParse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) return null;

        var parts = text[Scheme.Length..].Split('/');
        if (parts.Length != 3 || !Guid.TryParseExact(parts[0], "D", out var cluster) || !IsName(parts[2])) return null;

        foreach (var role in Enum.GetValues<LinkRole>())
        {
            if (parts[1] == WordOf(role)) return new LinkIdentity(cluster, role, parts[2]);
        }

        return null;
    }

    /// <summary>Who a certificate says its holder is; null when it does not say, or says more than one thing.</summary>
    public static LinkIdentity? TryRead(X509Certificate2 certificate)
    {
        LinkIdentity? found = null;
        foreach (var extension in certificate.Extensions)
        {
            if (extension.Oid?.Value != AlternativeNameOid) continue;
            foreach (var uri in Uris(extension.RawData))
            {
                if (!uri.StartsWith(Scheme, StringComparison.Ordinal)) continue;
                if (found is not null || TryParse(uri) is not { } identity) return null;
                found = identity;
            }
        }

        return found;
    }

    /// <summary>The alternative names of its certificate: this one.</summary>
    internal X509Extension ToExtension()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) writer.WriteCharacterString(UniversalTagNumber.IA5String, ToString(), UriTag);
        return new X509Extension(AlternativeNameOid, writer.Encode(), critical: false);
    }

    private static string WordOf(LinkRole role) => role switch
    {
        LinkRole.Authority => "authority",
        LinkRole.Node => "node",
        LinkRole.Gateway => "gateway",
        _ => throw new ArgumentOutOfRangeException(nameof(role)),
    };

    // The bytes are a stranger's until the chain is verified: what is no list of names has none of ours.
    private static List<string> Uris(byte[] names)
    {
        var uris = new List<string>();
        try
        {
            var sequence = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
            while (sequence.HasData)
            {
                if (sequence.PeekTag() == UriTag) uris.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                else sequence.ReadEncodedValue();
            }
        }
        catch (Exception error) when (error is AsnContentException or CryptographicException)
        {
            uris.Clear();
        }

        return uris;
    }
}
