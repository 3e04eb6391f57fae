using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>What certificates say, before they are signed (RFC 5280 §4.2).</summary>
internal static class LinkRequest
{
    /// <summary>It signs certificates of holders, and no further authorities.</summary>
    public static CertificateRequest OfAuthority(LinkIdentity identity, ECDsa key)
    {
        var request = Of(identity, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request;
    }

    public static CertificateRequest OfHolder(LinkIdentity identity, ECDsa key, X509Certificate2 authority)
    {
        var request = Of(identity, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([LinkCertificates.UsageOf(identity.Role)], true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        return request;
    }

    private static CertificateRequest Of(LinkIdentity identity, ECDsa key)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName($"Nasgate cluster {identity.Cluster:D}");
        subject.AddOrganizationalUnitName(identity.Role.ToString());
        subject.AddCommonName(identity.Name);
        var request = new CertificateRequest(subject.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(identity.ToExtension());
        return request;
    }
}
