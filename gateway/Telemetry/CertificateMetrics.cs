using System.Diagnostics.Metrics;
using Gateway.Replication.Links.Tls;

namespace Gateway.Telemetry;

/// <summary>
/// When the certificate ends that this process shows at its links; read when somebody asks. Nodes tell of their own: what a gateway
/// knows of them is of when its links to them were opened.
/// </summary>
internal sealed class CertificateMetrics : IDisposable
{
    public const string MeterName = "Nasgate.Certificates";

    private readonly Meter _meter = new(MeterName);

    /// <param name="certificate">The one that is shown now; null where links are in clear.</param>
    /// <param name="time">How long it is until then.</param>
    public CertificateMetrics(Func<CertificateTerm?> certificate, TimeProvider time) => _meter.CreateObservableGauge(
        "nasgate.certificate.expires",
        () => certificate() is { } term ? [Of(term, time.GetUtcNow())] : Array.Empty<Measurement<double>>(),
        "s",
        "Time until the certificate for links ends; negative when it has ended");

    public void Dispose() => _meter.Dispose();

    private static Measurement<double> Of(CertificateTerm term, DateTimeOffset now) => new(
        (term.Expires - now).TotalSeconds,
        new("role", term.Identity.RoleName),
        new("name", term.Identity.Name));
}
