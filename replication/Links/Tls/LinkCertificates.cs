using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>A certificate of this process, and whom it believes, as they were read at one moment.</summary>
/// <remarks>Immutable. Replaced as a whole: links that are being opened go on with what they began with.</remarks>
internal sealed class LinkCertificates
{
    private static readonly Oid ServerUsage = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientUsage = new("1.3.6.1.5.5.7.3.2");

    private readonly X509Certificate2Collection _authorities;

    private LinkCertificates(
        LinkIdentity own, X509Certificate2 certificate, X509Certificate2Collection others, X509Certificate2Collection authorities)
    {
        _authorities = authorities;
        Term = CertificateTerm.Of(own, certificate);
        Context = SslStreamCertificateContext.Create(certificate, others, offline: true);
    }

    public LinkIdentity Own => Term.Identity;

    /// <summary>For how long our own is valid.</summary>
    public CertificateTerm Term { get; }

    /// <summary>What is shown to the peer.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <exception cref="CertificateException">
    /// They are no certificates, do not belong together, or peers with the same authorities would not believe them.
    /// </exception>
    public static LinkCertificates Of(LinkFiles files, LinkFileTexts texts, DateTimeOffset now)
    {
        var authorities = Import(files.Authorities, texts.Authorities);
        var all = Import(files.Certificate, texts.Certificate);
        var certificate = Join(files, texts);
        var own = LinkIdentity.TryRead(certificate)
            ?? throw new CertificateException($"{files.Certificate}: it does not say which node or gateway it is for");
        var made = Assemble(files, own, certificate, all, authorities);
        var cause = own.Role == LinkRole.Authority
            ? "it is an authority's own"
            : made.WhyRefused(certificate, all, own.Role, own.Name, now);
        return cause is null ? made : throw new CertificateException($"{files.Certificate}: {cause}");
    }

    /// <summary>Why a peer's certificate is not believed; null when it is.</summary>
    /// <param name="peer">The certificate.</param>
    /// <param name="others">What else the peer showed.</param>
    /// <param name="role">What the peer must be.</param>
    /// <param name="name">Its name; any when null.</param>
    /// <param name="now">The time of the check.</param>
    public string? WhyRefused(X509Certificate2 peer, X509Certificate2Collection others, LinkRole role, string? name, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy = PolicyFor(role, now);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        try
        {
            if (!chain.Build(peer)) return Describe(chain, peer, now);
        }
        catch (CryptographicException error)
        {
            return $"it cannot be checked: {error.Message}";
        }
        finally
        {
            foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        }

        if (LinkIdentity.TryRead(peer) is not { } identity) return "it names no node or gateway";
        if (identity.Cluster != Own.Cluster) return $"it is of another cluster, {identity}";
        if (identity.Role != role) return $"it is for {identity}, which is no {(role == LinkRole.Node ? "node" : "gateway")}";
        return name is not null && identity.Name != name ? $"it is for {identity}, not for {name}" : null;
    }

    /// <summary>
    /// Only the cluster's authorities, not the system's; nothing is fetched, for a link must not depend on a web server.
    /// </summary>
    public X509ChainPolicy PolicyFor(LinkRole peer, DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        policy.ApplicationPolicy.Add(UsageOf(peer));
        return policy;
    }

    /// <summary>Nodes are servers and gateways clients: the extended key usage alone keeps one from being the other.</summary>
    public static Oid UsageOf(LinkRole role) => role == LinkRole.Node ? ServerUsage : ClientUsage;

    // The words of the chain engine are of little help for the two causes that people meet.
    private static string Describe(X509Chain chain, X509Certificate2 peer, DateTimeOffset now)
    {
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain)) != 0)
            return "no authority of this cluster has issued it";
        if (peer.NotAfter.ToUniversalTime() < now.UtcDateTime) return $"it has expired, at {peer.NotAfter.ToUniversalTime():u}";
        return peer.NotBefore.ToUniversalTime() > now.UtcDateTime
            ? $"it begins only at {peer.NotBefore.ToUniversalTime():u}"
            : $"it is not valid: {status}";
    }

    private static X509Certificate2Collection Import(string file, string text)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException($"{file}: {error.Message}", error);
        }

        return certificates.Count > 0 ? certificates : throw new CertificateException($"{file}: there is no certificate in it");
    }

    private static LinkCertificates Assemble(
        LinkFiles files,
        LinkIdentity own,
        X509Certificate2 certificate,
        X509Certificate2Collection all,
        X509Certificate2Collection authorities)
    {
        try
        {
            return new LinkCertificates(own, certificate, all, authorities);
        }
        catch (CryptographicException error)
        {
            throw new CertificateException($"{files.Certificate}: {error.Message}", error);
        }
    }

    private static X509Certificate2 Join(LinkFiles files, LinkFileTexts texts)
    {
        try
        {
            return X509Certificate2.CreateFromPem(texts.Certificate, texts.Key);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            throw new CertificateException($"{files.Certificate} and {files.Key} do not belong together: {error.Message}", error);
        }
    }
}
