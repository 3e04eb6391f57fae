using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>Reads whole slices from the medium and reports what is there, for comparison with other nodes.</summary>
public readonly record struct VerifySlicesRequest(Guid Volume, ReadOnlyMemory<SliceId> Slices)
    : IWireMessage<VerifySlicesRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteSliceIds(Slices.Span);
    }

    public static VerifySlicesRequest Read(ref WireReader reader) => new(reader.ReadGuid(), reader.ReadSliceIds());
}

/// <summary>One copy as it is on the medium.</summary>
/// <param name="Outcome">Ok, Absent or Damaged (block or header checksums do not match).</param>
/// <param name="Length">Length by the copy's header; 0 when absent.</param>
/// <param name="Crc32C">CRC-32C of the bytes as read, whether they match or not; 0 when absent.</param>
public readonly record struct SliceCopy(NodeOutcome Outcome, int Length, uint Crc32C)
{
    public const int Bytes = 9;
}

/// <param name="Outcome">Ok, Failed or UnknownVolume.</param>
/// <param name="Copies">One per requested id, in order.</param>
public readonly record struct VerifySlicesReply(NodeOutcome Outcome, ReadOnlyMemory<SliceCopy> Copies)
    : IWireMessage<VerifySlicesReply>
{
    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteInt32(Copies.Length);
        foreach (var copy in Copies.Span)
        {
            writer.WriteByte((byte)copy.Outcome);
            writer.WriteInt32(copy.Length);
            writer.WriteUInt32(copy.Crc32C);
        }
    }

    public static VerifySlicesReply Read(ref WireReader reader)
    {
        var outcome = reader.ReadOutcome();
        var copies = new SliceCopy[reader.ReadCount(FrameLimits.SliceIdsMax, SliceCopy.Bytes)];
        for (var at = 0; at < copies.Length; at++)
            copies[at] = new SliceCopy(reader.ReadOutcome(), reader.ReadInt32(), reader.ReadUInt32());

        return new VerifySlicesReply(outcome, copies);
    }
}
