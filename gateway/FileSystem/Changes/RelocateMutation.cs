using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Replaces extents by ranges of one new slice with the same bytes. Extents that changed since they were copied are
/// left alone. Attributes do not change.
/// </summary>
internal sealed class RelocateMutation(NodeId node, IReadOnlyList<RelocatedRun> runs, SliceRef slice) : Mutation
{
    /// <summary>Extents that were put in place of others.</summary>
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

    /// <summary>Replaces what is still as it was copied; what was written again meanwhile splits the run.</summary>
    private void Replace(MutationContext context, ref Inode inode, RelocatedRun run)
    {
        for (var first = 0; first < run.Extents.Count;)
        {
            var count = 0;
            while (first + count < run.Extents.Count && IsUnchanged(context, run.Extents[first + count])) count++;
            if (IsWorth(run, first, count)) Replace(context, ref inode, run, first, count);
            first += count + 1;
        }
    }

    private bool IsUnchanged(MutationContext context, in Extent extent) =>
        ExtentRows.TryGet(context, node.Inode, extent.End, out var present) && present == extent;

    /// <summary>One extent of a slice gains nothing from being in another one.</summary>
    private static bool IsWorth(RelocatedRun run, int first, int count) =>
        count > 1 || (count == 1 && run.Extents[first].IsInline);

    private void Replace(MutationContext context, ref Inode inode, RelocatedRun run, int first, int count)
    {
        var start = run.Extents[first].Start;
        var end = run.Extents[first + count - 1].End;
        for (var i = first; i < first + count; i++)
            ExtentRows.Remove(context, node.Inode, ref inode, run.Extents[i]);
        var moved = new Extent
        {
            End = end,
            Length = (int)(end - start),
            Slice = slice,
            SliceOffset = run.SliceOffset + (int)(start - run.Start),
        };
        ExtentRows.PutSlice(context, node.Inode, ref inode, moved);
        Replaced++;
    }
}

/// <summary>Neighbouring extents that become one.</summary>
internal sealed record RelocatedRun(IReadOnlyList<Extent> Extents, int SliceOffset)
{
    public long Start => Extents[0].Start;
}
