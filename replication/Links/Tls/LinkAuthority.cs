using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>
/// The authority of one cluster: issues the certificates of its nodes and gateways. Keys are ECDSA P-256, signatures
/// SHA-256.
/// </summary>
public sealed class LinkAuthority : IDisposable
{
    /// <summary>Serial numbers are random, positive and of 16 bytes (RFC 5280 §4.1.2.2 allows 20).</summary>
    private const int SerialBytes = 16;

    /// <summary>A certificate begins a while ago: the clocks of machines differ.</summary>
    private static readonly TimeSpan ClockDifferenceMax = TimeSpan.FromHours(1);

    private readonly X509Certificate2 _certificate;

    private LinkAuthority(X509Certificate2 certificate, Guid cluster) => (_certificate, Cluster) = (certificate, cluster);

    public Guid Cluster { get; }

    public DateTimeOffset Expires => _certificate.NotAfter.ToUniversalTime();

    /// <summary>What everybody may know, and who believes it must have.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <param name="cluster">Its cluster.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="life">How long it can issue.</param>
    public static LinkAuthority Make(Guid cluster, DateTimeOffset now, TimeSpan life)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Two authorities that follow each other must not have one name: chains are searched by it.
        var identity = new LinkIdentity(cluster, LinkRole.Authority, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        var request = LinkRequest.OfAuthority(identity, key);
        return new LinkAuthority(request.CreateSelfSigned(now - ClockDifferenceMax, now + life), cluster);
    }

    /// <summary>The authority that a private key belongs to.</summary>
    /// <param name="certificatesPem">Its certificate, among those of its predecessors.</param>
    /// <param name="keyPem">The key.</param>
    /// <exception cref="CertificateException">It is not among them, or they are no certificates or key.</exception>
    public static LinkAuthority Read(string certificatesPem, string keyPem)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(keyPem);
            var point = key.ExportSubjectPublicKeyInfo();
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(certificatesPem);
            foreach (var certificate in certificates)
            {
                if (!certificate.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(point)) continue;
                if (LinkIdentity.TryRead(certificate) is not { Role: LinkRole.Authority } identity) continue;
                return new LinkAuthority(certificate.CopyWithPrivateKey(key), identity.Cluster);
            }
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CertificateException(error.Message, error);
        }

        throw new CertificateException("none of the certificates is of an authority with this key");
    }

    /// <summary>The private key, PKCS #8.</summary>
    public string ExportKeyPem()
    {
        using var key = _certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>Issues a certificate with a new key; it ends with the authority at the latest.</summary>
    /// <param name="role">A node or a gateway.</param>
    /// <param name="name">The id it is started with.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="life">How long it is to be valid.</param>
    /// <exception cref="ArgumentException">The name is none that a certificate can carry.</exception>
    /// <exception cref="CertificateException">The authority has expired.</exception>
    public IssuedCertificate Issue(LinkRole role, string name, DateTimeOffset now, TimeSpan life)
    {
        if (role == LinkRole.Authority || !LinkIdentity.IsName(name)) throw new ArgumentException($"'{name}' is no name.", nameof(name));
        if (now >= Expires) throw new CertificateException($"the authority has expired, at {Expires:u}");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = LinkRequest.OfHolder(new LinkIdentity(Cluster, role, name), key, _certificate);
        var serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)(serial[0] & 0x7f | 0x40);
        var begin = Later(now - ClockDifferenceMax, _certificate.NotBefore.ToUniversalTime());
        var end = now + life < Expires ? now + life : Expires;
        using var certificate = request.Create(_certificate, begin, end, serial);
        return new IssuedCertificate(certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n", end);
    }

    /// <summary>True for a certificate that this authority, and not one before it, has issued.</summary>
    /// <exception cref="CertificateException">It is no certificate.</exception>
    public bool HasIssued(string certificatePem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(certificatePem);
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            chain.ChainPolicy.DisableCertificateDownloads = true;
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
            chain.ChainPolicy.CustomTrustStore.Add(_certificate);
            return chain.Build(certificate);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException(error.Message, error);
        }
    }

    public void Dispose() => _certificate.Dispose();

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <summary>A certificate and its private key.</summary>
/// <param name="CertificatePem">The certificate.</param>
/// <param name="KeyPem">Its key, PKCS #8.</param>
/// <param name="Expires">When it ends.</param>
public sealed record IssuedCertificate(string CertificatePem, string KeyPem, DateTimeOffset Expires)
{
    // The compiler would print the key.
    public override string ToString() => $"a certificate until {Expires:u}";
}
