using System.Net;
using Gateway.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Telemetry;

/// <summary>
/// Answers <c>/metrics</c> for Prometheus: what the process counts and measures, and what the runtime says of itself. Reachable
/// from the network; no names of files, clients or users are among it.
/// </summary>
internal sealed class MetricsEndpoint : IAsyncDisposable
{
    private readonly MeterProvider _metrics;
    private readonly WebApplication _application;

    private MetricsEndpoint(MeterProvider metrics, WebApplication application) => (_metrics, _application) = (metrics, application);

    /// <exception cref="StartException">The port is in use.</exception>
    public static async Task<MetricsEndpoint> ListenAsync(IPEndPoint listen, ILoggerFactory loggers)
    {
        var metrics = Sdk.CreateMeterProviderBuilder()
            .AddMeter(GatewayMetrics.MeterName, VolumeMetrics.MeterName, NodeMetrics.MeterName, CertificateMetrics.MeterName)
            .AddMeter("System.Runtime")
            .AddPrometheusExporter()
            .Build();
        try
        {
            var application = await HttpEndpoint.ListenAsync(
                listen,
                "metrics",
                routes => routes.MapPrometheusScrapingEndpoint(
                    "/metrics", metrics, configureBranchedPipeline: null, optionsName: null),
                loggers);
            return new MetricsEndpoint(metrics, application);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _metrics.Dispose();
    }
}
