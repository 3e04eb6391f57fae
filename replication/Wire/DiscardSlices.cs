using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Slices that nothing can refer to any more. Need not be durable before the reply: it is asked again when in doubt.
/// </summary>
/// <param name="Volume">The volume.</param>
/// <param name="Epoch">The sender's epoch; a node refuses one below its promise.</param>
/// <param name="Slices">Ids; those the node does not have are passed over.</param>
public readonly record struct DiscardSlicesRequest(Guid Volume, ulong Epoch, ReadOnlyMemory<SliceId> Slices)
    : IWireMessage<DiscardSlicesRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteUInt64(Epoch);
        writer.WriteSliceIds(Slices.Span);
    }

    public static DiscardSlicesRequest Read(ref WireReader reader) =>
        new(reader.ReadGuid(), reader.ReadUInt64(), reader.ReadSliceIds());
}

public readonly record struct DiscardSlicesReply(NodeOutcome Outcome) : IWireMessage<DiscardSlicesReply>
{
    public void Write(WireWriter writer) => writer.WriteByte((byte)Outcome);

    public static DiscardSlicesReply Read(ref WireReader reader) => new(reader.ReadOutcome());
}
