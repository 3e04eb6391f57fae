using System.Diagnostics.Metrics;
using Gateway.Replication.Owner;

namespace Gateway.Telemetry;

/// <summary>How the volumes stand at this gateway, and their nodes as the owner sees them; read when somebody asks.</summary>
internal sealed class VolumeMetrics : IDisposable
{
    public const string MeterName = "Nasgate.Volumes";

    private readonly Meter _meter = new(MeterName);
    private readonly ScrapeReading<VolumeStatus> _volumes;

    /// <param name="volumes">All volumes of this gateway, those that it only stands by for too.</param>
    /// <param name="time">For the age of what was read.</param>
    public VolumeMetrics(Func<IEnumerable<VolumeStatus>> volumes, TimeProvider time)
    {
        _volumes = new ScrapeReading<VolumeStatus>(volumes, time);
        Gauge("nasgate.volume.owned", "1 where the gateway owns the volume", static volume => IsOwned(volume) ? 1 : 0);
        Gauge(
            "nasgate.volume.serving",
            "1 where the gateway owns the volume and a majority of nodes acknowledges",
            static volume => IsOwned(volume) && volume.State == "serving" ? 1 : 0);
        Gauge("nasgate.volume.epoch", "Epoch, which each takeover raises", static volume => (long)volume.Epoch);
        Gauge("nasgate.volume.behind", "Committed entries that a standby has not applied", static volume => volume.BehindEntries);
        OwnedGauge("nasgate.volume.committed", "Index of the last committed entry", static volume => (long)volume.CommitIndex);
        OwnedGauge("nasgate.volume.checkpoint", "Index of the last checkpoint", static volume => (long)volume.CheckpointIndex);
        OwnedGauge("nasgate.volume.size", "Bytes in all", static volume => volume.Space.TotalBytes, "By");
        OwnedGauge("nasgate.volume.available", "Bytes that clients can use", static volume => volume.Space.AvailableBytes, "By");
        OwnedGauge("nasgate.volume.rows", "Rows of names, attributes and locks", static volume => volume.Rows);
        OwnedCounter("nasgate.volume.read", "Content read from nodes or cache", static volume => volume.ReadBytes, "By");
        OwnedCounter("nasgate.volume.written", "Content written to nodes", static volume => volume.WrittenBytes, "By");
        OwnedCounter("nasgate.volume.healed", "Content copied to nodes that lacked it", static volume => volume.HealedBytes, "By");
        OwnedCounter("nasgate.volume.scrubbed", "Content whose checksums were verified", static volume => volume.ScrubbedBytes, "By");
        NodeGauge("nasgate.volume.node.up", "1 where the node answers and takes what is sent", static node => node.State == "up" ? 1 : 0);
        NodeGauge("nasgate.volume.node.journal", "The node has the journal durably up to here", static node => (long)node.MatchIndex);
        NodeGauge("nasgate.volume.node.owed", "Slices that the node lacks", static node => node.OwedSlices);
        NodeGauge("nasgate.volume.node.available", "Bytes left on the node", static node => node.AvailableBytes, "By");
        NodeCounter("nasgate.volume.node.damage.found", "Damaged copies found", static node => node.DamageFound);
        NodeCounter("nasgate.volume.node.damage.repaired", "Damaged copies repaired", static node => node.DamageRepaired);
    }

    public void Dispose() => _meter.Dispose();

    private static bool IsOwned(VolumeStatus volume) => volume.Role == "owner";

    private void Gauge(string name, string description, Func<VolumeStatus, long> read) =>
        _meter.CreateObservableGauge(name, () => _volumes.Read().Select(volume => Of(read(volume), volume)), description: description);

    // Of the owner alone: a standby knows some of it as of a moment ago, and two answers would be added up.
    private void OwnedGauge(string name, string description, Func<VolumeStatus, long> read, string? unit = null) =>
        _meter.CreateObservableGauge(name, () => Owned(read), unit, description);

    private void OwnedCounter(string name, string description, Func<VolumeStatus, long> read, string? unit = null) =>
        _meter.CreateObservableCounter(name, () => Owned(read), unit, description);

    private void NodeGauge(string name, string description, Func<NodeStanding, long> read, string? unit = null) =>
        _meter.CreateObservableGauge(name, () => Nodes(read), unit, description);

    private void NodeCounter(string name, string description, Func<NodeStanding, long> read) =>
        _meter.CreateObservableCounter(name, () => Nodes(read), null, description);

    private IEnumerable<Measurement<long>> Owned(Func<VolumeStatus, long> read) =>
        _volumes.Read().Where(IsOwned).Select(volume => Of(read(volume), volume));

    private IEnumerable<Measurement<long>> Nodes(Func<NodeStanding, long> read) =>
        from volume in _volumes.Read()
        where IsOwned(volume)
        from node in volume.Nodes
        select new Measurement<long>(read(node), new("volume", volume.Volume), new("node", node.Node));

    private static Measurement<long> Of(long value, VolumeStatus volume) =>
        new(value, new KeyValuePair<string, object?>("volume", volume.Volume));
}
