namespace Gateway.Replication.Quorum;

/// <summary>What the parts of an owner share, and where the effects of the running step go.</summary>
internal sealed class OwnerContext
{
    private List<OwnerEffect> _effects = [];

    public OwnerContext(OwnerOptions options, ProtocolRules rules)
    {
        Invariant.Holds(options.Record.Epoch > 0, "An owner has an epoch.");
        (Options, Rules, Record) = (options, rules, options.Record);
        Ring = new EntryRing(options.Applied);
        foreach (var member in Record.AllMembers()) Streams.Add(member);
        Voters = new Configuration(Record, member => Streams.Find(member.NodeId)!, rules);
        foreach (var stream in Streams) stream.Counts = true;
        CommitIndex = options.Applied.Index;
        DeliveredIndex = options.Applied.Index;
    }

    public OwnerOptions Options { get; }

    public ProtocolRules Rules { get; }

    public VolumeRecord Record { get; private set; }

    public EntryRing Ring { get; }

    /// <summary>To the members and to learners.</summary>
    public MemberStreams Streams { get; } = new();

    /// <summary>Whose word counts, by the record.</summary>
    public Configuration Voters { get; private set; }

    public long Now { get; private set; }

    public ulong CommitIndex { get; set; }

    public ulong DeliveredIndex { get; private set; }

    /// <summary>Payload of this epoch's entries behind the commit index.</summary>
    public long UncommittedBytes { get; set; }

    /// <summary>0 before <see cref="OwnerCore.BeginEpoch"/>.</summary>
    public ulong EpochStartIndex { get; set; }

    /// <summary>When the epoch's first entry was appended: what was asked before was asked by recovery.</summary>
    public long EpochBeganAt { get; set; } = long.MaxValue;

    public ulong TrimUpTo { get; set; }

    /// <summary>Index of the checkpoint entry that makes the trim legal (I9).</summary>
    public ulong TrimCheckpointIndex { get; set; }

    /// <summary>
    /// While the membership changes: index of the first entry that was appended under both; 0 until it exists.
    /// </summary>
    public ulong ConfigIndex { get; set; }

    public OwnerStopReason Stopped { get; private set; }

    public void Enter(long now, List<OwnerEffect> effects)
    {
        Invariant.Holds(now >= Now, $"The clock went back from {Now} to {now}.");
        (Now, _effects) = (now, effects);
    }

    /// <summary>
    /// When the member is to hear from this owner again at the latest: soon, when something was committed since, for
    /// standbys read from nodes only what those know to be committed.
    /// </summary>
    public long HeartbeatDue(MemberStream stream) => stream.LastAppendAt
        + (stream.CommitTold < CommitIndex && stream.IsSteady ? Options.CommitNewsNanoseconds : Options.HeartbeatNanoseconds);

    public RequestHeader Header(MemberStream stream) => new(
        Record.VolumeId, Record.Epoch, Record.OwnerId, Record.ConfigGeneration, stream.Member.Incarnation, Now);

    public void Send(MemberStream stream, NodeRequest request) =>
        _effects.Add(new OwnerEffect(OwnerEffectKind.Send) { Member = stream.Slot, Request = request });

    public void Emit(in OwnerEffect effect) => _effects.Add(effect);

    public void Stop(OwnerStopReason reason)
    {
        if (Stopped != OwnerStopReason.None) return;

        Stopped = reason;
        _effects.Add(new OwnerEffect(OwnerEffectKind.Stopped) { Reason = reason });
    }

    /// <summary>
    /// End of the lease that the acknowledgements of a majority renewed: the newest sending time that it
    /// reaches, and the lease (PROTOCOL §2.6).
    /// </summary>
    public long LeaseUntil =>
        Voters.ReachedByMajorities(static (MemberStream stream) => stream.LeaseFrom, Rules.LeaseByBoth)
            + Record.LeaseMilliseconds * 1_000_000L;

    /// <summary>Moves the commit index to what a majority has acknowledged.</summary>
    public void AdvanceCommit()
    {
        if (EpochStartIndex == 0) return;

        var reached = Voters.ReachedByMajorities(static (MemberStream stream) => stream.Match, Rules.CommitByBoth);

        // Entries of earlier epochs are committed by an entry of this one behind them, never by counting (I8).
        if (reached <= CommitIndex || reached < EpochStartIndex && Rules.CommitOwnEpochOnly) return;

        for (var index = Math.Max(CommitIndex, EpochStartIndex - 1) + 1; index <= reached; index++)
            UncommittedBytes -= Ring[index].Payload.Length;
        CommitIndex = reached;
        Deliver();
    }

    /// <summary>Hands the entries up to the commit index to the host, in order, once each.</summary>
    public void Deliver()
    {
        while (DeliveredIndex < CommitIndex && DeliveredIndex < Ring.LastIndex)
        {
            DeliveredIndex++;
            _effects.Add(new OwnerEffect(OwnerEffectKind.Committed) { Entry = Ring[DeliveredIndex] });
        }

        Ring.Evict(DeliveredIndex, Options.RingBytesMax);
    }

    /// <summary>
    /// The membership of the record counts from now on; who is no longer in it is no longer streamed to.
    /// </summary>
    /// <returns>Streams to another copy than before.</returns>
    public List<MemberStream> Adopt(VolumeRecord record)
    {
        (var before, Record) = (Record, record);
        var replaced = new List<MemberStream>();
        foreach (var member in record.AllMembers())
        {
            if (Streams.Find(member.NodeId) is not { } stream || stream.Member.Incarnation == member.Incarnation)
                continue;

            stream.Replace(member.Incarnation, Now);
            replaced.Add(stream);
        }

        if (!Rules.LeaversDoNotCount && before.IsJoint && !record.IsJoint)
            record = record with { Members = before.Members };
        Voters = new Configuration(record, StreamOf, Rules);
        if (before.IsJoint != record.IsJoint) ConfigIndex = 0;
        foreach (var stream in Streams)
        {
            var counted = stream.Counts;
            stream.Counts = Voters.Counts(stream);
            if (counted && !stream.Counts) Streams.Remove(stream);
        }

        return replaced;
    }

    /// <summary>The stream of a node, begun behind the log's end when there is none.</summary>
    public MemberStream StreamOf(VolumeMember member)
    {
        if (Streams.Find(member.NodeId) is { } known) return known;

        var stream = Streams.Add(member);
        stream.ProbeFrom(Ring.LastIndex + 1, Now);
        return stream;
    }
}
