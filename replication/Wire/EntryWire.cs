using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Wire;

/// <summary>Journal entries in their wire form: index, epoch, chain, type, payload CRC, payload.</summary>
internal static class EntryWire
{
    private const int EntryBytesMin = 8 + 8 + 8 + 1 + 4 + 4;

    public static void WriteEntryId(this WireWriter writer, EntryId id)
    {
        writer.WriteUInt64(id.Index);
        writer.WriteUInt64(id.Epoch);
    }

    public static EntryId ReadEntryId(this ref WireReader reader) => new(reader.ReadUInt64(), reader.ReadUInt64());

    public static void WriteOptionalEntryId(this WireWriter writer, EntryId? id)
    {
        writer.WriteBool(id is not null);
        if (id is { } known) writer.WriteEntryId(known);
    }

    public static EntryId? ReadOptionalEntryId(this ref WireReader reader) =>
        reader.ReadBool() ? reader.ReadEntryId() : null;

    public static void WriteLogBase(this WireWriter writer, LogBase position)
    {
        writer.WriteUInt64(position.Index);
        writer.WriteUInt64(position.Epoch);
        writer.WriteUInt64(position.Chain);
    }

    public static LogBase ReadLogBase(this ref WireReader reader) =>
        new(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());

    public static void WriteEntries(this WireWriter writer, ReadOnlySpan<JournalEntry> entries)
    {
        writer.WriteInt32(entries.Length);
        foreach (var entry in entries)
        {
            writer.WriteUInt64(entry.Index);
            writer.WriteUInt64(entry.Epoch);
            writer.WriteUInt64(entry.Chain);
            writer.WriteByte((byte)entry.Type);
            writer.WriteUInt32(entry.PayloadCrc32C);
            writer.WriteBytes(entry.Payload.Span);
        }
    }

    /// <summary>Payloads are views of the reader's memory; their checksums are for the receiver to check.</summary>
    public static JournalEntry[] ReadEntries(this ref WireReader reader)
    {
        var entries = new JournalEntry[reader.ReadCount(AppendRequest.EntriesMax * 64, EntryBytesMin)];
        for (var at = 0; at < entries.Length; at++)
        {
            entries[at] = new JournalEntry
            {
                Index = reader.ReadUInt64(),
                Epoch = reader.ReadUInt64(),
                Chain = reader.ReadUInt64(),
                Type = (JournalEntryType)reader.ReadByte(),
                PayloadCrc32C = reader.ReadUInt32(),
                Payload = reader.ReadBytes(JournalLimits.PayloadBytesMax),
            };
            if (!Enum.IsDefined(entries[at].Type)) reader.Fail();
            if (!reader.Intact) return [];
        }

        return entries;
    }
}
