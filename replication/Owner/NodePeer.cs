using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// One member of the volume as its owner reaches it: a link for the journal, and one for slices, so that a heartbeat
/// never stands behind four megabytes.
/// </summary>
/// <remarks>Any thread. The fields below are what the last answers said.</remarks>
internal sealed class NodePeer : INodeLinkEvents, IAsyncDisposable
{
    private readonly NodeLink _journal;
    private volatile Following? _following;
    private volatile NodeCondition? _condition;
    private long _damageFound;
    private long _damageRepaired;
    private int _busy;
    private volatile bool _isOverdue;

    public NodePeer(
        int slot, Guid volume, NodeAddress address, ReplicationOptions options, TimeProvider time, ILogger logger)
    {
        var link = new NodeLinkOptions
        {
            Node = address.Node,
            Volume = volume,
            Connector = address.Connector,
            Trust = options.Trust,
        };
        (Slot, Address) = (slot, address);
        _journal = new NodeLink(link, this, time, logger);
        Slices = new NodeLink(link, this, time, logger);
        Stragglers = new ByteBudget(options.StragglerBytesMax);
        Latency = new LatencyTrack(time);
    }

    /// <summary>Number of the peer at this gateway.</summary>
    public int Slot { get; }

    /// <summary>It is to become a member, and is none yet.</summary>
    public bool IsLearner { get; set; }

    /// <summary>It votes and takes no slices.</summary>
    public bool IsWitness { get; set; }

    /// <summary>
    /// A slice that it was sent has not been answered for long, and none since: it is not counted on. Set and read where a
    /// witness lets the volume do without it.
    /// </summary>
    public bool IsOverdue
    {
        get => _isOverdue;
        set => _isOverdue = value;
    }

    public NodeAddress Address { get; }

    public string Node => Address.Node;

    /// <summary>The link for slices and administration.</summary>
    public NodeLink Slices { get; }

    /// <summary>Bytes of slices sent or to be sent to this node and not answered.</summary>
    public ByteBudget Stragglers { get; }

    /// <summary>How long reads from this node take.</summary>
    public LatencyTrack Latency { get; }

    /// <summary>Told when the link for slices is up: the node may have missed something. Must not block.</summary>
    public Action<NodePeer>? CameBack { get; set; }

    /// <summary>What the node last said of itself; null while it is not reached.</summary>
    public NodeCondition? Condition
    {
        get => _condition;
        set => _condition = value;
    }

    public bool IsUp => Slices.IsUp;

    public bool JournalUp => _journal.IsUp;

    /// <summary>Reads under way.</summary>
    public int Busy => Volatile.Read(ref _busy);

    public long DamageFound => Interlocked.Read(ref _damageFound);

    public long DamageRepaired => Interlocked.Read(ref _damageRepaired);

    public void ReadBegins() => Interlocked.Increment(ref _busy);

    public void ReadEnds() => Interlocked.Decrement(ref _busy);

    public void CountDamage() => Interlocked.Increment(ref _damageFound);

    public void CountRepair() => Interlocked.Increment(ref _damageRepaired);

    public void Start()
    {
        _journal.Start();
        Slices.Start();
    }

    /// <summary>Where journal replies go from now on.</summary>
    /// <param name="owner">Of the volume in this process; null for none.</param>
    /// <param name="member">The owner's number for this node.</param>
    public void Follow(OwnerHost? owner, int member = -1) =>
        _following = owner is null ? null : new Following(owner, member);

    /// <summary>Sends a journal request of the owner; lost when the link is down.</summary>
    public void Send(NodeRequest request) => _journal.TryPostJournal(request);

    /// <summary>Sends a journal request outside of the owner's stream and waits for its own reply.</summary>
    public async ValueTask<NodeReply?> AskAsync(NodeRequest request, CancellationToken cancellation)
    {
        var answer = await _journal.RequestAsync<JournalRequestFrame, JournalReplyFrame>(
            FrameKind.Journal, new JournalRequestFrame(request), cancellation);
        return answer.Answered ? answer.Reply.Reply : null;
    }

    /// <summary>As <see cref="AskAsync"/>, for so long; null also when that is over or cancelled.</summary>
    public async ValueTask<NodeReply?> AskWithinAsync(
        NodeRequest request, TimeSpan longest, TimeProvider time, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        return await AskAsync(request, either.Token);
    }

    public void LinkUp(NodeLink link, NodeIdentity identity)
    {
        if (link == _journal) LinkChanged();
        else CameBack?.Invoke(this);
    }

    public void LinkDown(NodeLink link)
    {
        if (link == _journal) LinkChanged();
        else _condition = null;
    }

    public void JournalReplied(NodeLink link, NodeReply reply)
    {
        var following = _following;
        following?.Owner.Receive(following.Member, reply);
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await Slices.DisposeAsync();
    }

    private void LinkChanged()
    {
        var following = _following;
        following?.Owner.LinkChanged(following.Member);
    }

    private sealed record Following(OwnerHost Owner, int Member);
}
