using System.Runtime.InteropServices;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Reads part of a slice. Blocks have checksums, so the range begins on a block and ends on one or at the slice's end.
/// </summary>
/// <param name="Volume">The volume.</param>
/// <param name="Slice">Identity, length and checksum.</param>
/// <param name="Offset">First byte; a multiple of <see cref="SliceLimits.BlockBytes"/>.</param>
/// <param name="Length">Bytes to read.</param>
/// <param name="WantBlockCrcs">Also send the checksums of all blocks of the slice: combined they must give the
/// slice's own,
/// so that later partial reads are checked from end to end.</param>
/// <param name="Checked">The node checks every block it touches, looks again on the medium when one does not match, and
/// remembers the copy as damaged. Without it the node may leave that to the reader, who checks in any case.</param>
public readonly record struct ReadSliceRequest(
    Guid Volume, SliceRef Slice, int Offset, int Length, bool WantBlockCrcs, bool Checked)
    : IWireMessage<ReadSliceRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteSliceRef(Slice);
        writer.WriteInt32(Offset);
        writer.WriteInt32(Length);
        writer.WriteBool(WantBlockCrcs);
        writer.WriteBool(Checked);
    }

    public static ReadSliceRequest Read(ref WireReader reader)
    {
        var request = new ReadSliceRequest(
            reader.ReadGuid(), reader.ReadSliceRef(), reader.ReadInt32(), reader.ReadInt32(),
            reader.ReadBool(), reader.ReadBool());
        if (!request.IsWithinSlice) reader.Fail();
        return request;
    }

    private bool IsWithinSlice =>
        Offset >= 0 && Offset % SliceLimits.BlockBytes == 0 && Length > 0 && Length <= Slice.Length - Offset
        && (Length % SliceLimits.BlockBytes == 0 || Length == Slice.Length - Offset);
}

/// <summary>The bytes are the frame's payload, empty unless <see cref="NodeOutcome.Ok"/>.</summary>
/// <param name="Outcome">Ok, Absent, Damaged, Failed or UnknownVolume.</param>
/// <param name="BlockCrcs">CRC-32C of each block of the slice when asked for, else empty.</param>
public readonly record struct ReadSliceReply(NodeOutcome Outcome, ReadOnlyMemory<uint> BlockCrcs)
    : IWireMessage<ReadSliceReply>
{
    public const int BlocksMax = SliceLimits.BytesMax / SliceLimits.BlockBytes;

    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteInt32(BlockCrcs.Length);
        writer.WriteRaw(MemoryMarshal.AsBytes(BlockCrcs.Span));
    }

    public static ReadSliceReply Read(ref WireReader reader)
    {
        var outcome = reader.ReadOutcome();
        var crcs = new uint[reader.ReadCount(BlocksMax, sizeof(uint))];
        MemoryMarshal.Cast<byte, uint>(reader.ReadRaw(crcs.Length * sizeof(uint)).Span).CopyTo(crcs);
        return new ReadSliceReply(outcome, crcs);
    }
}
