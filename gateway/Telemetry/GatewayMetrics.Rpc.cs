using System.Diagnostics.Metrics;

namespace Gateway.Telemetry;

internal sealed partial class GatewayMetrics
{
    private readonly Lock _programsGate = new();
    private RpcProgramCounters[] _programs = [];
    private long _rpcConnections;
    private long _rpcConnectionsTotal;
    private long _rpcConnectionsRefused;
    private long _rpcViolations;
    private long _rpcBytesIn;
    private long _rpcBytesOut;

    /// <summary>Seconds from a complete request to its complete reply, by program.</summary>
    public Histogram<double> RpcDuration { get; private set; } = null!;

    public long RpcConnections => Volatile.Read(ref _rpcConnections);

    public long RpcRequestsTotal => _programs.Sum(program => program.RequestsTotal);

    public long RpcBytesIn => Volatile.Read(ref _rpcBytesIn);

    public long RpcBytesOut => Volatile.Read(ref _rpcBytesOut);

    public long RpcViolations => Volatile.Read(ref _rpcViolations);

    public IReadOnlyList<RpcProgramCounters> RpcPrograms => _programs;

    /// <summary>The counters of a program; the same ones when asked again for the same name.</summary>
    public RpcProgramCounters CountersOf(string program)
    {
        lock (_programsGate)
        {
            var known = Array.Find(_programs, counters => counters.Program == program);
            if (known is not null) return known;

            var added = new RpcProgramCounters(program);
            _programs = [.. _programs, added];
            return added;
        }
    }

    public void RpcConnectionOpened()
    {
        Interlocked.Increment(ref _rpcConnections);
        Interlocked.Increment(ref _rpcConnectionsTotal);
    }

    public void RpcConnectionClosed() => Interlocked.Decrement(ref _rpcConnections);

    public void RpcConnectionRefused() => Interlocked.Increment(ref _rpcConnectionsRefused);

    public void RpcViolation() => Interlocked.Increment(ref _rpcViolations);

    public void RpcReceived(long bytes) => Interlocked.Add(ref _rpcBytesIn, bytes);

    public void RpcSent(long bytes) => Interlocked.Add(ref _rpcBytesOut, bytes);

    private void CreateRpcInstruments()
    {
        RpcDuration = _meter.CreateHistogram("nasgate.rpc.request.duration", "s", advice: Durations);
        _meter.CreateObservableCounter("nasgate.rpc.requests", () => ByProcedure(static (p, i) => p.Requests(i)));
        _meter.CreateObservableCounter("nasgate.rpc.failures", () => ByProcedure(static (p, i) => p.Failures(i)));
        _meter.CreateObservableUpDownCounter("nasgate.rpc.connections", () => Volatile.Read(ref _rpcConnections));
        _meter.CreateObservableCounter("nasgate.rpc.connections.opened", () => Volatile.Read(ref _rpcConnectionsTotal));
        _meter.CreateObservableCounter(
            "nasgate.rpc.connections.refused", () => Volatile.Read(ref _rpcConnectionsRefused));
        _meter.CreateObservableCounter("nasgate.rpc.violations", () => Volatile.Read(ref _rpcViolations));
        _meter.CreateObservableCounter("nasgate.rpc.received", () => Volatile.Read(ref _rpcBytesIn), "By");
        _meter.CreateObservableCounter("nasgate.rpc.sent", () => Volatile.Read(ref _rpcBytesOut), "By");
    }

    private IEnumerable<Measurement<long>> ByProcedure(Func<RpcProgramCounters, int, long> count)
    {
        foreach (var program in _programs)
        {
            for (var procedure = 0; procedure < RpcProgramCounters.ProceduresMax; procedure++)
            {
                var value = count(program, procedure);
                if (value == 0) continue;

                yield return new Measurement<long>(
                    value, new("rpc.program", program.Program), new("rpc.procedure", procedure));
            }
        }
    }
}
