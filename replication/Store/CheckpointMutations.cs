using Gateway.Replication.Journal;

namespace Gateway.Replication.Store;

/// <summary>
/// Records a written checkpoint: references its slices, keeps its manifest, and appends the Checkpoint entry.
/// </summary>
internal sealed class RecordCheckpoint(CheckpointManifest manifest) : EntryMutation
{
    private readonly byte[] _payload = manifest.ToPayload();

    public override JournalEntryType EntryType => JournalEntryType.Checkpoint;

    public override ReadOnlyMemory<byte> EntryPayload => _payload;

    public override void Execute(MutationContext context)
    {
        foreach (var slice in manifest.Slices) context.Reference(slice);
        context.Put(SystemRows.CheckpointKey(manifest.Position.Index), _payload);
    }
}

/// <summary>Forgets all checkpoints but the two newest, and their slices.</summary>
internal sealed class ForgetCheckpoints : SystemMutation
{
    /// <summary>Always two generations, so that a damaged newest one costs replay and not the volume.</summary>
    private const int Kept = 2;

    /// <summary>Index of the oldest checkpoint kept; 0 as long as there are not two.</summary>
    public ulong OldestKept { get; private set; }

    public override void Execute(MutationContext context)
    {
        var manifests = CheckpointManifest.ReadAll(context);
        if (manifests.Count < Kept) return;
        OldestKept = manifests[^Kept].Position.Index;
        foreach (var manifest in manifests.SkipLast(Kept))
        {
            foreach (var slice in manifest.Slices) context.Discard(slice);
            context.Delete(SystemRows.CheckpointKey(manifest.Position.Index));
        }
    }
}
