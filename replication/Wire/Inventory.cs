using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Which slices does the node have, in order, from an id on. Damaged ones it knows of are not listed.
/// </summary>
/// <param name="Volume">The volume.</param>
/// <param name="From">First id of interest.</param>
/// <param name="RunsMax">At most so many runs, up to <see cref="FrameLimits.InventoryRunsMax"/>.</param>
public readonly record struct InventoryRequest(Guid Volume, SliceId From, int RunsMax) : IWireMessage<InventoryRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteSliceId(From);
        writer.WriteInt32(RunsMax);
    }

    public static InventoryRequest Read(ref WireReader reader)
    {
        var request = new InventoryRequest(reader.ReadGuid(), reader.ReadSliceId(), reader.ReadInt32());
        if (request.RunsMax is < 1 or > FrameLimits.InventoryRunsMax) reader.Fail();
        return request;
    }
}

/// <summary>Consecutive slices of one epoch.</summary>
public readonly record struct SliceRun(SliceId First, ulong Count)
{
    public const int Bytes = SliceId.Bytes + sizeof(ulong);

    /// <summary>The last id of the run.</summary>
    public SliceId Last => new(First.Epoch, First.Sequence + Count - 1);
}

/// <param name="Outcome">Ok, Failed or UnknownVolume.</param>
/// <param name="Runs">Ascending, never touching each other.</param>
/// <param name="Complete">False when more follow: ask again from behind the last run.</param>
public readonly record struct InventoryReply(NodeOutcome Outcome, ReadOnlyMemory<SliceRun> Runs, bool Complete)
    : IWireMessage<InventoryReply>
{
    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteBool(Complete);
        writer.WriteInt32(Runs.Length);
        foreach (var run in Runs.Span)
        {
            writer.WriteSliceId(run.First);
            writer.WriteUInt64(run.Count);
        }
    }

    public static InventoryReply Read(ref WireReader reader)
    {
        var outcome = reader.ReadOutcome();
        var complete = reader.ReadBool();
        var runs = new SliceRun[reader.ReadCount(FrameLimits.InventoryRunsMax, SliceRun.Bytes)];
        for (var at = 0; at < runs.Length; at++)
        {
            runs[at] = new SliceRun(reader.ReadSliceId(), reader.ReadUInt64());
            if (runs[at].Count == 0 || ulong.MaxValue - runs[at].First.Sequence < runs[at].Count) reader.Fail();
        }

        return new InventoryReply(outcome, runs, complete);
    }
}
