using Gateway.Replication.Control;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>Puts the record of a change of membership into the journal, behind all that was proposed before.</summary>
internal sealed class ConfigChange(VolumeRecord record) : EntryMutation
{
    public override JournalEntryType EntryType => JournalEntryType.Config;

    public override ReadOnlyMemory<byte> EntryPayload { get; } = VolumeRecords.ToUtf8(record);

    public override void Execute(MutationContext context)
    {
        // The entry itself is all: who counts is no row.
    }
}
