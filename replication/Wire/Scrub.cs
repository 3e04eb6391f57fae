using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Reads some slices from the medium and checks every block. The owner asks for a little at a time:
/// it sets the rate, and goes on where the node stopped.
/// </summary>
/// <param name="Volume">The volume.</param>
/// <param name="From">First slice to look at; the default value begins a round.</param>
/// <param name="BytesMax">Stop after about so many bytes.</param>
public readonly record struct ScrubRequest(Guid Volume, SliceId From, int BytesMax) : IWireMessage<ScrubRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteSliceId(From);
        writer.WriteInt32(BytesMax);
    }

    public static ScrubRequest Read(ref WireReader reader) =>
        new(reader.ReadGuid(), reader.ReadSliceId(), reader.ReadInt32());
}

/// <param name="Outcome">Ok, Failed or UnknownVolume.</param>
/// <param name="Next">Where to go on; the default value at the end of a round.</param>
/// <param name="CheckedBytes">Bytes read and checked by this request.</param>
/// <param name="Damaged">Slices whose bytes do not match, at most <see cref="FrameLimits.SliceIdsMax"/>.</param>
/// <param name="DamagedEntries">Journal entries the node knows to be damaged now.</param>
public readonly record struct ScrubReply(
    NodeOutcome Outcome, SliceId Next, long CheckedBytes, ReadOnlyMemory<SliceId> Damaged, int DamagedEntries)
    : IWireMessage<ScrubReply>
{
    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteSliceId(Next);
        writer.WriteInt64(CheckedBytes);
        writer.WriteSliceIds(Damaged.Span);
        writer.WriteInt32(DamagedEntries);
    }

    public static ScrubReply Read(ref WireReader reader) => new(
        reader.ReadOutcome(), reader.ReadSliceId(), reader.ReadInt64(), reader.ReadSliceIds(), reader.ReadInt32());
}
