using Gateway.Replication.Links.Tls;

namespace Gateway.Replication.Links;

/// <summary>How the two ends of a link come to believe each other. Both must be told the same: there is no choice in between.</summary>
public sealed class LinkTrust
{
    /// <summary>By the secret that both know; what they say is in clear.</summary>
    public LinkTrust(ClusterSecret secret) => Secret = secret;

    /// <summary>By certificates, and encrypted; the secret is not asked for.</summary>
    public LinkTrust(LinkTls tls) => Tls = tls;

    public Guid Cluster => Secret?.Cluster ?? Tls!.Identity.Cluster;

    /// <summary>The certificate that this process shows now; null without certificates.</summary>
    public CertificateTerm? Certificate => Tls?.Term;

    /// <summary>Those of the peers that links are open with, as they were shown; none without certificates.</summary>
    public IReadOnlyList<CertificateTerm> PeerCertificates => Tls?.PeerTerms ?? [];

    /// <summary>Null with certificates.</summary>
    internal ClusterSecret? Secret { get; }

    /// <summary>Null without certificates.</summary>
    internal LinkTls? Tls { get; }
}
