using System.Diagnostics.Metrics;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;

namespace Gateway.Telemetry;

internal sealed partial class GatewayMetrics
{
    private const int SmbCommandCount = (int)Smb2Command.OplockBreak + 1;

    private static readonly string[] SmbCommands =
        [.. Enumerable.Range(0, SmbCommandCount).Select(command => ((Smb2Command)command).ToString())];

    private readonly long[] _smbRequests = new long[SmbCommandCount];
    private readonly long[] _smbFailures = new long[SmbCommandCount];
    private readonly long[] _smbRefusals = new long[Enum.GetValues<SmbRefusal>().Length];
    private long _smbConnections;
    private long _smbConnectionsTotal;
    private long _smbConnectionsRefused;
    private long _smbViolations;
    private long _smbBytesIn;
    private long _smbBytesOut;

    /// <summary>Seconds from the start of a command to its response.</summary>
    public Histogram<double> SmbDuration { get; private set; } = null!;

    public long SmbConnections => Volatile.Read(ref _smbConnections);

    public long SmbRequestsTotal
    {
        get
        {
            var sum = 0L;
            for (var command = 0; command < SmbCommandCount; command++) sum += Volatile.Read(ref _smbRequests[command]);
            return sum;
        }
    }

    public long SmbViolations => Volatile.Read(ref _smbViolations);

    /// <summary>Messages that were not believed.</summary>
    public long SmbRefusalsOf(SmbRefusal cause) => Volatile.Read(ref _smbRefusals[(int)cause]);

    public long SmbRequestsOf(Smb2Command command) => Volatile.Read(ref _smbRequests[(int)command]);

    public void SmbConnectionOpened()
    {
        Interlocked.Increment(ref _smbConnections);
        Interlocked.Increment(ref _smbConnectionsTotal);
    }

    public void SmbConnectionClosed() => Interlocked.Decrement(ref _smbConnections);

    public void SmbConnectionRefused() => Interlocked.Increment(ref _smbConnectionsRefused);

    public void SmbViolation() => Interlocked.Increment(ref _smbViolations);

    public void SmbRefused(SmbRefusal cause) => Interlocked.Increment(ref _smbRefusals[(int)cause]);

    public void SmbReceived(long bytes) => Interlocked.Add(ref _smbBytesIn, bytes);

    public void SmbSent(long bytes) => Interlocked.Add(ref _smbBytesOut, bytes);

    public void SmbRequest(Smb2Command command)
    {
        if ((int)command < SmbCommandCount) Interlocked.Increment(ref _smbRequests[(int)command]);
    }

    public void SmbFailure(Smb2Command command)
    {
        if ((int)command < SmbCommandCount) Interlocked.Increment(ref _smbFailures[(int)command]);
    }

    public void SmbAnswered(Smb2Command command, TimeSpan elapsed)
    {
        var name = (int)command < SmbCommandCount ? SmbCommands[(int)command] : "other";
        SmbDuration.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("smb.command", name));
    }

    private void CreateSmbInstruments()
    {
        SmbDuration = _meter.CreateHistogram("nasgate.smb.request.duration", "s", advice: Durations);
        _meter.CreateObservableCounter("nasgate.smb.requests", () => ByCommand(_smbRequests));
        _meter.CreateObservableCounter("nasgate.smb.failures", () => ByCommand(_smbFailures));
        _meter.CreateObservableUpDownCounter("nasgate.smb.connections", () => Volatile.Read(ref _smbConnections));
        _meter.CreateObservableCounter("nasgate.smb.connections.opened", () => Volatile.Read(ref _smbConnectionsTotal));
        _meter.CreateObservableCounter("nasgate.smb.connections.refused", () => Volatile.Read(ref _smbConnectionsRefused));
        _meter.CreateObservableCounter("nasgate.smb.violations", () => Volatile.Read(ref _smbViolations));
        _meter.CreateObservableCounter("nasgate.smb.refusals", RefusalsByCause);
        _meter.CreateObservableCounter("nasgate.smb.received", () => Volatile.Read(ref _smbBytesIn), "By");
        _meter.CreateObservableCounter("nasgate.smb.sent", () => Volatile.Read(ref _smbBytesOut), "By");
    }

    private IEnumerable<Measurement<long>> RefusalsByCause()
    {
        foreach (var cause in Enum.GetValues<SmbRefusal>())
        {
            var count = SmbRefusalsOf(cause);
            if (count > 0) yield return new Measurement<long>(count, new KeyValuePair<string, object?>("smb.cause", cause.ToString()));
        }
    }

    private static IEnumerable<Measurement<long>> ByCommand(long[] counts)
    {
        for (var command = 0; command < SmbCommandCount; command++)
        {
            var value = Volatile.Read(ref counts[command]);
            if (value == 0) continue;

            yield return new Measurement<long>(
                value, new KeyValuePair<string, object?>("smb.command", SmbCommands[command]));
        }
    }
}
