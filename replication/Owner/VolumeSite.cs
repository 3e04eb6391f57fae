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
    private readonly INodeResolver _resolver;

    public VolumeSite(ReplicationOptions options, IControlPlane control, TimeProvider time, ILoggerFactory loggers)
    {
        options.Validate();
        (Options, Time, Loggers) = (options, time, loggers);
        _resolver = options.Resolver ?? new GivenNodes(options.Nodes);
        _logger = loggers.CreateLogger<VolumeSite>();
        Admission = new VolumeAdmission(new VolumeRecords(control), options, time, _logger);
    }

    public ReplicationOptions Options { get; }

    public TimeProvider Time { get; }

    public ILoggerFactory Loggers { get; }

    public VolumeAdmission Admission { get; }

    public VolumeRecord Record => Admission.Record;

    /// <summary>The links to the nodes; none before <see cref="OpenAsync"/>.</summary>
    public VolumePeers Peers { get; private set; } = VolumePeers.None;

    /// <summary>The nodes that there are links to now.</summary>
    public IReadOnlyList<NodePeer> Nodes => Peers.All;

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
        if (Peers.Count == 0) Peers = new VolumePeers(Record);
        await FollowMembersAsync(cancellation);
    }

    /// <summary>
    /// Connects to the members that the record names now, and closes the links to others. Not while the volume is owned:
    /// then its owner does.
    /// </summary>
    /// <exception cref="VolumeLostException">Nobody says where a member is.</exception>
    public async Task FollowMembersAsync(CancellationToken cancellation)
    {
        var record = Record;
        foreach (var member in record.AllMembers())
        {
            if (Peers.Find(member.NodeId) is null && await ConnectAsync(member.NodeId, cancellation) is null)
            {
                throw new VolumeLostException(
                    $"Nobody says where node {member.NodeId} of volume {Options.Volume} is: give its address with --nodes.");
            }
        }

        Peers.Use(record);
        foreach (var peer in Peers.All.Where(peer => peer.IsLearner)) await Peers.RemoveAsync(peer);
    }

    /// <summary>False when the record names a later membership than the links are for.</summary>
    public bool Follows(VolumeRecord record) => record.ConfigGeneration <= Peers.Record.ConfigGeneration;

    /// <summary>Links to a node, which is a learner until a record with it is used; null when nobody says where it is.</summary>
    public async Task<NodePeer?> ConnectAsync(string node, CancellationToken cancellation)
    {
        if (Peers.Find(node) is { } known) return known;
        if (await FindAddressAsync(node, cancellation) is not { } address) return null;

        var peer = new NodePeer(Peers.NewSlot(), Record.VolumeId, address, Options, Time, _logger) { IsLearner = true };
        Peers.Add(peer);
        peer.Start();
        return peer;
    }

    /// <summary>Where a node is; null when nobody says.</summary>
    public ValueTask<NodeAddress?> FindAddressAsync(string node, CancellationToken cancellation) =>
        _resolver.FindAsync(node, cancellation);

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
        await Peers.DisposeAsync();
        Admission.Dispose();
    }
}
