using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Frees a bounded part of what a removed or cut file left behind: extents, then locks. The file is listed in an
/// <c>X</c> row until all is gone, so that the work goes on after a restart.
/// </summary>
internal sealed class ReclaimMutation(ulong number) : Mutation
{
    /// <summary>A remove or truncate of no more extents frees them at once.</summary>
    public const int ExtentsAtOnceMax = 256;

    private readonly List<Extent> _scratch = [];

    public override bool FreesSpace => true;

    /// <summary>True when nothing of the file is left to free.</summary>
    public bool Done { get; private set; }

    public static void Mark(MutationContext context, ulong number)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        context.Put(RowKeys.One(key, RowKeys.ReclaimPrefix, number), [1]);
    }

    public override void Execute(MutationContext context)
    {
        var lives = NodeRows.TryGet(context, number, out var inode);
        var from = lives ? inode.Size : 0;
        if (!lives) inode = new Inode { Used = long.MaxValue, InlineBytes = ulong.MaxValue };
        var budget = ExtentRows.ExtentsPerMutationMax;
        Done = ExtentRows.Clear(context, number, ref inode, from, long.MaxValue, ref budget, _scratch) == long.MaxValue;

        if (lives)
        {
            if (Done) inode.Flags &= ~InodeFlags.Cutting;
            NodeRows.Put(context, number, inode);
        }
        else if (Done)
        {
            Done = Locks.LockRows.RemoveSome(context, number);
        }

        if (!Done) return;

        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        context.Delete(RowKeys.One(key, RowKeys.ReclaimPrefix, number));
    }
}
