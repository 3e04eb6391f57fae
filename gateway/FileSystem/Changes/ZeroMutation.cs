using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Makes a range of a file a hole, from the front, as much as one mutation may.</summary>
internal sealed class ZeroMutation(FileTree tree, NodeId node, long start, long end) : Mutation
{
    private long _next = start;

    public override bool FreesSpace => true;

    /// <summary>What clients are told as the change time stays as it is.</summary>
    public bool KeepsDeclared { get; init; }

    public FileStatus Status { get; private set; }

    public bool Done { get; private set; }

    public NodeChange File { get; private set; }

    public override void Execute(MutationContext context)
    {
        Status = FileStatus.Stale;
        Done = true;
        if (!NodeRows.TryGet(context, node, out var inode) || !inode.IsFile) return;

        Status = FileStatus.Ok;
        var before = inode.Before();
        var to = Math.Min(end, inode.Size);
        var budget = ExtentRows.ExtentsPerMutationMax;
        inode.DataVersion++;
        if (_next < to) _next = ExtentRows.Clear(context, node.Inode, ref inode, _next, to, ref budget, []);
        Done = _next >= to;
        inode.TouchContent(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, node.Inode, inode);
        if (inode.IsStream) StreamRows.TouchFile(context, inode, KeepsDeclared);
        File = new NodeChange(before, tree.Describe(node.Inode, inode));
    }
}
