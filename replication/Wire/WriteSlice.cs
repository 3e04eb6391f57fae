using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Stores a slice; its bytes are the frame's payload, already checked against <see cref="SliceRef.Crc32C"/>.
/// </summary>
/// <param name="Volume">The volume.</param>
/// <param name="Epoch">The sender's epoch, at least the slice's own; a node refuses one below its promise.</param>
/// <param name="Slice">Identity, length and checksum.</param>
/// <param name="Replace">A repair: replaces a copy the node has, which may be damaged. Without it a slice the node
/// already has intact is answered <see cref="NodeOutcome.Ok"/> and left alone.</param>
public readonly record struct WriteSliceRequest(Guid Volume, ulong Epoch, SliceRef Slice, bool Replace)
    : IWireMessage<WriteSliceRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteUInt64(Epoch);
        writer.WriteSliceRef(Slice);
        writer.WriteBool(Replace);
    }

    public static WriteSliceRequest Read(ref WireReader reader) =>
        new(reader.ReadGuid(), reader.ReadUInt64(), reader.ReadSliceRef(), reader.ReadBool());
}

/// <summary>Sent once the slice is durable on the node, or will not be.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="AvailableBytes">Room left on the node beyond its reserve.</param>
public readonly record struct WriteSliceReply(NodeOutcome Outcome, long AvailableBytes) : IWireMessage<WriteSliceReply>
{
    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteInt64(AvailableBytes);
    }

    public static WriteSliceReply Read(ref WireReader reader) => new(reader.ReadOutcome(), reader.ReadInt64());
}
