using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;

namespace Gateway.Admin;

/// <summary>A certificate for links between gateways and nodes, and when it ends.</summary>
internal sealed record CertificateReport
{
    /// <summary>"gateway": this one, and what it shows now. "node": what that node has shown when its latest link was opened.</summary>
    public required string Role { get; init; }

    /// <summary>Whose.</summary>
    public required string Name { get; init; }

    public required DateTimeOffset Expires { get; init; }

    /// <summary>Until it ends; negative when it has ended.</summary>
    public required double SecondsLeft { get; init; }

    /// <summary>
    /// "valid", "ending" (in its last 30 days, or the last third of a life shorter than 90 days) or "ended".
    /// </summary>
    public required string State { get; init; }

    /// <summary>The gateway's own, then those of the nodes by name; none where links are in clear.</summary>
    public static IReadOnlyList<CertificateReport> Of(LinkTrust trust, DateTimeOffset now)
    {
        var nodes = trust.PeerCertificates.OrderBy(term => term.Identity.Name, StringComparer.Ordinal);
        return trust.Certificate is { } own ? [Of(own, now), .. nodes.Select(term => Of(term, now))] : [];
    }

    /// <summary>How it stands at one moment.</summary>
    public static CertificateReport Of(CertificateTerm term, DateTimeOffset now) => new()
    {
        Role = term.Identity.RoleName,
        Name = term.Identity.Name,
        Expires = term.Expires,
        SecondsLeft = Math.Round((term.Expires - now).TotalSeconds),
        State = term.Expires <= now ? "ended" : term.IsNearEnd(now) ? "ending" : "valid",
    };
}
