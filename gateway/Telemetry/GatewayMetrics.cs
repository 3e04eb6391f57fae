using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>What the gateway counts and measures. One meter, parts by area in partial files.</summary>
internal sealed partial class GatewayMetrics : IDisposable
{
    public const string MeterName = "Nasgate.Gateway";

    /// <summary>Upper bounds of the buckets of durations, in seconds: from what memory answers to what a client calls hung.</summary>
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        CreateRpcInstruments();
        CreateSmbInstruments();
        CreateAuthenticationInstruments();
    }

    public void Dispose() => _meter.Dispose();
}
