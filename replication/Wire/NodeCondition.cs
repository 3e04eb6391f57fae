namespace Gateway.Replication.Wire;

/// <summary>How is the node, and its copy of the volume?</summary>
public readonly record struct NodeConditionRequest(Guid Volume) : IWireMessage<NodeConditionRequest>
{
    public void Write(WireWriter writer) => writer.WriteGuid(Volume);

    public static NodeConditionRequest Read(ref WireReader reader) => new(reader.ReadGuid());
}

/// <summary>A node's account of itself and of its copy of one volume.</summary>
public sealed record NodeCondition : IWireMessage<NodeCondition>
{
    public required NodeOutcome Outcome { get; init; }

    /// <summary>
    /// The journal copy may be incomplete: it fences and serves, and does not testify absence (PROTOCOL §2.8).
    /// </summary>
    public bool Limbo { get; init; }

    /// <summary>A flush has been running for more than 10 s (PROTOCOL §2.9).</summary>
    public bool Stalled { get; init; }

    /// <summary>Nothing more is taken but what frees space.</summary>
    public bool Full { get; init; }

    /// <summary>How often the copy was damaged or emptied.</summary>
    public ulong Nonce { get; init; }

    public ulong PromisedEpoch { get; init; }

    /// <summary>Index before the first journal entry kept.</summary>
    public ulong BaseIndex { get; init; }

    public ulong LastIndex { get; init; }

    public ulong CommitHint { get; init; }

    public int DamagedEntries { get; init; }

    /// <summary>Journal entries found damaged since the node started, at the start included.</summary>
    public long EntryDamageFound { get; init; }

    public long EntryDamageRepaired { get; init; }

    public long SliceCount { get; init; }

    public long SliceBytes { get; init; }

    /// <summary>Slices known to be damaged and not repaired yet.</summary>
    public int DamagedSlices { get; init; }

    public long TotalBytes { get; init; }

    /// <summary>Room left beyond the node's reserve.</summary>
    public long AvailableBytes { get; init; }

    /// <summary>Moving average of a journal flush.</summary>
    public int FlushMicroseconds { get; init; }

    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteBool(Limbo);
        writer.WriteBool(Stalled);
        writer.WriteBool(Full);
        writer.WriteUInt64(Nonce);
        writer.WriteUInt64(PromisedEpoch);
        writer.WriteUInt64(BaseIndex);
        writer.WriteUInt64(LastIndex);
        writer.WriteUInt64(CommitHint);
        writer.WriteInt32(DamagedEntries);
        writer.WriteInt64(EntryDamageFound);
        writer.WriteInt64(EntryDamageRepaired);
        writer.WriteInt64(SliceCount);
        writer.WriteInt64(SliceBytes);
        writer.WriteInt32(DamagedSlices);
        writer.WriteInt64(TotalBytes);
        writer.WriteInt64(AvailableBytes);
        writer.WriteInt32(FlushMicroseconds);
    }

    public static NodeCondition Read(ref WireReader reader) => new()
    {
        Outcome = reader.ReadOutcome(),
        Limbo = reader.ReadBool(),
        Stalled = reader.ReadBool(),
        Full = reader.ReadBool(),
        Nonce = reader.ReadUInt64(),
        PromisedEpoch = reader.ReadUInt64(),
        BaseIndex = reader.ReadUInt64(),
        LastIndex = reader.ReadUInt64(),
        CommitHint = reader.ReadUInt64(),
        DamagedEntries = reader.ReadInt32(),
        EntryDamageFound = reader.ReadInt64(),
        EntryDamageRepaired = reader.ReadInt64(),
        SliceCount = reader.ReadInt64(),
        SliceBytes = reader.ReadInt64(),
        DamagedSlices = reader.ReadInt32(),
        TotalBytes = reader.ReadInt64(),
        AvailableBytes = reader.ReadInt64(),
        FlushMicroseconds = reader.ReadInt32(),
    };
}
