using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

/// <summary>What the gateway counts and measures. One meter, parts by area in partial files.</summary>
internal sealed partial class GatewayMetrics : IDisposable
{
    public const string MeterName = "Nasgate.Gateway";

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
