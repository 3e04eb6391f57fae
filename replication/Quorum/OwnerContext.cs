namespace Gateway.Replication.Quorum;

/// <summary>What the parts of an owner share, and where the effects of the running step go.</summary>
internal sealed class OwnerContext
{
    private List<OwnerEffect> _effects = [];

    public OwnerContext(OwnerOptions options, ProtocolRules rules)
    {
        Invariant.Holds(
            options.Record.Members.Count is > 0 and <= QuorumRule.MembersMax && options.Record.Epoch > 0,
            "A volume has 1 to 15 members, and an owner an epoch.");
        (Options, Rules, Record) = (options, rules, options.Record);
        Ring = new EntryRing(options.Applied);
        Streams = new MemberStream[options.Record.Members.Count];
        for (var slot = 0; slot < Streams.Length; slot++) Streams[slot] = new MemberStream(slot, Record.Members[slot]);
        CommitIndex = options.Applied.Index;
        DeliveredIndex = options.Applied.Index;
    }

    public OwnerOptions Options { get; }

    public ProtocolRules Rules { get; }

    public VolumeRecord Record { get; private set; }

    public EntryRing Ring { get; }

    public MemberStream[] Streams { get; }

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

    public OwnerStopReason Stopped { get; private set; }

    public int Majority => Rules.Majority(Streams.Length);

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
    public long LeaseUntil
    {
        get
        {
            Span<long> sent = stackalloc long[QuorumRule.MembersMax];
            sent = sent[..Streams.Length];
            foreach (var stream in Streams) sent[stream.Slot] = stream.LeaseFrom;
            return QuorumRule.ReachedBy(sent, Majority) + Record.LeaseMilliseconds * 1_000_000L;
        }
    }

    /// <summary>Moves the commit index to what a majority has acknowledged.</summary>
    public void AdvanceCommit()
    {
        if (EpochStartIndex == 0) return;

        Span<ulong> matches = stackalloc ulong[QuorumRule.MembersMax];
        matches = matches[..Streams.Length];
        foreach (var stream in Streams) matches[stream.Slot] = stream.Match;
        var reached = QuorumRule.ReachedBy(matches, Majority);

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

    public void Replace(int member, ulong incarnation, ulong configGeneration)
    {
        var members = Record.Members.ToArray();
        members[member] = members[member] with { Incarnation = incarnation };
        Record = Record with { Members = members, ConfigGeneration = configGeneration };
        Streams[member].Replace(incarnation, Now);
    }
}
