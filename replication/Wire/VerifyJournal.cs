using Gateway.Replication.Journal;

namespace Gateway.Replication.Wire;

/// <summary>Reads journal entries from the medium and reports what is there, for comparison with other nodes.</summary>
/// <param name="Volume">The volume.</param>
/// <param name="From">First index.</param>
/// <param name="Count">At most <see cref="FrameLimits.VerifyEntriesMax"/>.</param>
public readonly record struct VerifyJournalRequest(Guid Volume, ulong From, int Count)
    : IWireMessage<VerifyJournalRequest>
{
    public void Write(WireWriter writer)
    {
        writer.WriteGuid(Volume);
        writer.WriteUInt64(From);
        writer.WriteInt32(Count);
    }

    public static VerifyJournalRequest Read(ref WireReader reader)
    {
        var request = new VerifyJournalRequest(reader.ReadGuid(), reader.ReadUInt64(), reader.ReadInt32());
        if (request.Count is < 1 or > FrameLimits.VerifyEntriesMax) reader.Fail();
        return request;
    }
}

/// <summary>One entry as it is on the medium; zeroes unless present.</summary>
public readonly record struct EntryCopy(EntryPresence Presence, ulong Epoch, ulong Chain, uint PayloadCrc32C)
{
    public const int Bytes = 21;
}

/// <param name="Outcome">Ok, Failed or UnknownVolume.</param>
/// <param name="Entries">One per index from the first requested on; ends early behind the node's last entry.</param>
public readonly record struct VerifyJournalReply(NodeOutcome Outcome, ReadOnlyMemory<EntryCopy> Entries)
    : IWireMessage<VerifyJournalReply>
{
    public void Write(WireWriter writer)
    {
        writer.WriteByte((byte)Outcome);
        writer.WriteInt32(Entries.Length);
        foreach (var entry in Entries.Span)
        {
            writer.WriteByte((byte)entry.Presence);
            writer.WriteUInt64(entry.Epoch);
            writer.WriteUInt64(entry.Chain);
            writer.WriteUInt32(entry.PayloadCrc32C);
        }
    }

    public static VerifyJournalReply Read(ref WireReader reader)
    {
        var outcome = reader.ReadOutcome();
        var entries = new EntryCopy[reader.ReadCount(FrameLimits.VerifyEntriesMax, EntryCopy.Bytes)];
        for (var at = 0; at < entries.Length; at++)
        {
            var presence = (EntryPresence)reader.ReadByte();
            if (presence is < EntryPresence.Present or > EntryPresence.Trimmed) reader.Fail();
            entries[at] = new EntryCopy(presence, reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt32());
        }

        return new VerifyJournalReply(outcome, entries);
    }
}
