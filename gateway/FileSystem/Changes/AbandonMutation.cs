using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Frees a slice that was written but that no row came to mean, because the volume was full.</summary>
internal sealed class AbandonMutation(SliceRef slice) : Mutation
{
    public override bool FreesSpace => true;

    public override void Execute(MutationContext context)
    {
        // Slices of an earlier epoch that nothing means are collected by the nodes.
        if (context.Epoch != slice.Id.Epoch) return;

        context.Reference(slice);
        context.Discard(slice);
    }
}
