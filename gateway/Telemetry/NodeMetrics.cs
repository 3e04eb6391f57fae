using System.Diagnostics.Metrics;
using Gateway.Replication.Wire;

namespace Gateway.Telemetry;

/// <summary>What the backend nodes of a process say of their copies of volumes; read when somebody asks.</summary>
internal sealed class NodeMetrics : IDisposable
{
    public const string MeterName = "Nasgate.Node";

    private readonly Meter _meter = new(MeterName);
    private readonly ScrapeReading<NodeCopy> _copies;

    /// <param name="copies">Of all nodes of the process.</param>
    /// <param name="time">For the age of what was read.</param>
    public NodeMetrics(Func<IEnumerable<NodeCopy>> copies, TimeProvider time)
    {
        _copies = new ScrapeReading<NodeCopy>(copies, time);
        Gauge("nasgate.node.copies", "1 for each copy that is open and whole", static copy => IsWhole(copy) ? 1 : 0);
        Gauge("nasgate.node.stalled", "1 while a flush has been running for more than 10 s", static copy => copy.Stalled ? 1 : 0);
        Gauge("nasgate.node.full", "1 while nothing is taken but what frees space", static copy => copy.Full ? 1 : 0);
        Gauge("nasgate.node.flush.duration", "Moving average of a journal flush, microseconds", static copy => copy.FlushMicroseconds);
        Gauge("nasgate.node.journal.first", "Index of the first journal entry kept", static copy => (long)copy.BaseIndex + 1);
        Gauge("nasgate.node.journal.last", "Index of the last journal entry", static copy => (long)copy.LastIndex);
        Gauge("nasgate.node.slices", "Slices kept", static copy => copy.SliceCount);
        Gauge("nasgate.node.slices.size", "Bytes of slices kept", static copy => copy.SliceBytes, "By");
        Gauge("nasgate.node.damaged", "Slices and entries known to be damaged", static copy => copy.DamagedSlices + copy.DamagedEntries);
        Gauge("nasgate.node.disk.size", "Bytes of the file system", static copy => copy.TotalBytes, "By");
        Gauge("nasgate.node.disk.available", "Bytes left beyond the reserve", static copy => copy.AvailableBytes, "By");
    }

    public void Dispose() => _meter.Dispose();

    private static bool IsWhole(NodeCondition copy) => copy is { Outcome: NodeOutcome.Ok, Limbo: false };

    private void Gauge(string name, string description, Func<NodeCondition, long> read, string? unit = null) =>
        _meter.CreateObservableGauge(
            name,
            () => _copies.Read().Select(copy => new Measurement<long>(
                read(copy.Condition), new("node", copy.Node), new("volume.id", copy.Volume.ToString("D")))),
            unit,
            description);
}

/// <summary>What a node says of its copy of one volume.</summary>
internal readonly record struct NodeCopy(string Node, Guid Volume, NodeCondition Condition);
