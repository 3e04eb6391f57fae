using Gateway.Replication.Control;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// What this gateway has of a volume whether or not it owns it: control record, links to the nodes, and rows.
/// </summary>
/// <remarks>The rows have one writer at a time: the store of an owned volume, or the standby.</remarks>
internal sealed class VolumeSite : IAsyncDisposable
{
    private readonly ILogger _logger;

    public VolumeSite(ReplicationOptions options, IControlPlane control, TimeProvider time, ILoggerFactory loggers)
    {
        options.Validate();
        (Options, Time, Loggers) = (options, time, loggers);
        _logger = loggers.CreateLogger<VolumeSite>();
        Admission = new VolumeAdmission(new VolumeRecords(control), options, time, _logger);
    }

    public ReplicationOptions Options { get; }

    public TimeProvider Time { get; }

    public ILoggerFactory Loggers { get; }

    public VolumeAdmission Admission { get; }

    public VolumeRecord Record => Admission.Record;

    /// <summary>One for each member, in the order of the record; empty before <see cref="OpenAsync"/>.</summary>
    public IReadOnlyList<NodePeer> Peers { get; private set; } = [];

    /// <summary>Null before <see cref="OpenAsync"/>.</summary>
    public LmdbRowStore? Rows { get; private set; }

    /// <summary>
    /// The journal's last entry as a standby applied it, when an owner gave up with it: the next owner must know it, and
    /// does not fetch what is applied already.
    /// </summary>
    public JournalEntry? AppliedHandover { get; set; }

    /// <summary>Reads the record, or makes the first one; opens the links and the rows.</summary>
    public async Task OpenAsync(CancellationToken cancellation)
    {
        await Admission.LoadAsync(cancellation);
        Rows ??= LmdbRowStore.Open(Options.RowsDirectory);
        if (Peers.Count != 0) return;

        Peers = [.. Admission.Record.Members.Select((member, slot) => new NodePeer(
            slot, Record.VolumeId, Options.Nodes.Single(node => node.Node == member.NodeId), Options, Time, _logger))];
        foreach (var peer in Peers) peer.Start();
    }

    /// <summary>The rows are closed, and opened again with the site: what cannot be trusted is discarded by that.</summary>
    public void DistrustRows()
    {
        Rows?.Dispose();
        Rows = null;
        AppliedHandover = null;
    }

    public async ValueTask DisposeAsync()
    {
        Rows?.Dispose();
        foreach (var peer in Peers) await peer.DisposeAsync();
        Admission.Dispose();
    }
}
