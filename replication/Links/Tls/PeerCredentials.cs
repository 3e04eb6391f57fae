using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>What a believed peer has shown, kept to be looked at again.</summary>
internal sealed class PeerCredentials
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2Collection _others;
    private readonly LinkRole _role;
    private readonly string? _name;

    private PeerCredentials(X509Certificate2 certificate, X509Certificate2Collection others, LinkRole role, string? name)
    {
        (_certificate, _others, _role, _name) = (certificate, others, role, name);
        Term = CertificateTerm.Of(LinkIdentity.TryRead(certificate)!, certificate);
    }

    public LinkIdentity Identity => Term.Identity;

    public CertificateTerm Term { get; }

    /// <summary>Copies: what TLS was given ends with the stream.</summary>
    public static PeerCredentials Copy(X509Certificate2 peer, X509Certificate2Collection others, LinkRole role, string? name)
    {
        var kept = new X509Certificate2Collection();
        foreach (var other in others) kept.Add(X509CertificateLoader.LoadCertificate(other.RawDataMemory.Span));
        return new PeerCredentials(X509CertificateLoader.LoadCertificate(peer.RawDataMemory.Span), kept, role, name);
    }

    public string? WhyRefused(LinkCertificates certificates, DateTimeOffset now) =>
        certificates.WhyRefused(_certificate, _others, _role, _name, now);
}
