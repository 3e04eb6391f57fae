using System.Diagnostics.Metrics;
using Gateway.Smb.Authentication;

namespace Gateway.Telemetry;

internal sealed partial class GatewayMetrics
{
    private readonly long[] _logonFailures = new long[Enum.GetValues<LogonFailure>().Length];
    private long _logons;
    private long _anonymousLogons;

    public long Logons => Volatile.Read(ref _logons);

    public long LogonFailures => _logonFailures.Sum();

    public long LogonFailuresOf(LogonFailure cause) => Volatile.Read(ref _logonFailures[(int)cause]);

    public void LoggedOn() => Interlocked.Increment(ref _logons);

    public void LoggedOnAnonymously() => Interlocked.Increment(ref _anonymousLogons);

    public void LogonFailed(LogonFailure cause) => Interlocked.Increment(ref _logonFailures[(int)cause]);

    private void CreateAuthenticationInstruments()
    {
        _meter.CreateObservableCounter("nasgate.logons", () => Volatile.Read(ref _logons));
        _meter.CreateObservableCounter("nasgate.logons.anonymous", () => Volatile.Read(ref _anonymousLogons));
        _meter.CreateObservableCounter("nasgate.logons.failed", FailuresByCause);
    }

    private IEnumerable<Measurement<long>> FailuresByCause()
    {
        foreach (var cause in Enum.GetValues<LogonFailure>())
        {
            var count = LogonFailuresOf(cause);
            if (count > 0) yield return new Measurement<long>(count, new KeyValuePair<string, object?>("logon.cause", cause.ToString()));
        }
    }
}
