using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>Slices and enums in their wire form; a value out of bounds fails the reader.</summary>
internal static class SliceWire
{
    public static void WriteSliceId(this WireWriter writer, SliceId id)
    {
        writer.WriteUInt64(id.Epoch);
        writer.WriteUInt64(id.Sequence);
    }

    public static SliceId ReadSliceId(this ref WireReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    public static void WriteSliceRef(this WireWriter writer, in SliceRef slice) =>
        slice.Write(writer.Reserve(SliceRef.Bytes));

    public static SliceRef ReadSliceRef(this ref WireReader reader)
    {
        var bytes = reader.ReadRaw(SliceRef.Bytes);
        if (bytes.IsEmpty) return default;

        var slice = SliceRef.Read(bytes.Span);
        if (slice.Length is > 0 and <= SliceLimits.BytesMax) return slice;
        reader.Fail();
        return default;
    }

    public static void WriteSliceIds(this WireWriter writer, ReadOnlySpan<SliceId> ids)
    {
        writer.WriteInt32(ids.Length);
        foreach (var id in ids) writer.WriteSliceId(id);
    }

    public static SliceId[] ReadSliceIds(this ref WireReader reader)
    {
        var ids = new SliceId[reader.ReadCount(FrameLimits.SliceIdsMax, SliceId.Bytes)];
        for (var at = 0; at < ids.Length; at++) ids[at] = reader.ReadSliceId();
        return ids;
    }

    public static NodeOutcome ReadOutcome(this ref WireReader reader)
    {
        var outcome = (NodeOutcome)reader.ReadByte();
        if (outcome is < NodeOutcome.Ok or > NodeOutcome.UnknownVolume) reader.Fail();
        return outcome;
    }
}
