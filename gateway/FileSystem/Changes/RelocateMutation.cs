using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Replaces extents by ranges of one new slice with the same bytes. A run whose extents changed since they were copied
/// is left alone. Attributes do not change.
/// </summary>
internal sealed class RelocateMutation(NodeId node, IReadOnlyList<RelocatedRun> runs, SliceRef slice) : Mutation
{
    /// <summary>Runs that were replaced.</summary>
    public int Replaced { get; private set; }

    public override void Execute(MutationContext context)
    {
        Replaced = 0;
        if (context.Epoch != slice.Id.Epoch) return;

        var lives = NodeRows.TryGet(context, node, out var inode);
        if (lives)
        {
            foreach (var run in runs) Replace(context, ref inode, run);
        }

        if (Replaced > 0)
        {
            ExtentRows.AddReferences(context, slice, Replaced, first: true);
            NodeRows.Put(context, node.Inode, inode);
        }
        else
        {
            context.Reference(slice);
            context.Discard(slice);
        }
    }

    private void Replace(MutationContext context, ref Inode inode, RelocatedRun run)
    {
        foreach (var extent in run.Extents)
        {
            if (!ExtentRows.TryGet(context, node.Inode, extent.End, out var present) || present != extent) return;
        }

        foreach (var extent in run.Extents) ExtentRows.Remove(context, node.Inode, ref inode, extent);
        var moved = new Extent { End = run.End, Length = run.Length, Slice = slice, SliceOffset = run.SliceOffset };
        ExtentRows.PutSlice(context, node.Inode, ref inode, moved);
        Replaced++;
    }
}

/// <summary>Neighbouring extents that become one.</summary>
internal sealed record RelocatedRun(IReadOnlyList<Extent> Extents, int SliceOffset)
{
    public long End => Extents[^1].End;

    public int Length => (int)(Extents[^1].End - Extents[0].Start);
}
