using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Links.Tls;

/// <summary>Whose certificate, and for how long.</summary>
/// <param name="Identity">Whose.</param>
/// <param name="Begins">From when it is valid.</param>
/// <param name="Expires">Until when.</param>
public sealed record CertificateTerm(LinkIdentity Identity, DateTimeOffset Begins, DateTimeOffset Expires)
{
    private static readonly TimeSpan WarningBefore = TimeSpan.FromDays(30);

    /// <summary>Of a certificate of that holder.</summary>
    internal static CertificateTerm Of(LinkIdentity identity, X509Certificate2 certificate) =>
        new(identity, certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());

    /// <summary>True in its last 30 days, or the last third of a life shorter than 90 days; and when it has ended.</summary>
    public bool IsNearEnd(DateTimeOffset now)
    {
        var third = (Expires - Begins) / 3;
        return Expires - now <= (third < WarningBefore ? third : WarningBefore);
    }
}
