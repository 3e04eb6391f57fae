using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Removes nodes with all that is theirs, within one mutation. What is too much for one mutation stays behind reclaim
/// rows for the background.
/// </summary>
internal sealed class NodeRemoval(MutationContext context)
{
    private readonly List<Extent> _scratch = [];
    private int _budget = ReclaimMutation.ExtentsAtOnceMax;

    /// <summary>The files and streams removed.</summary>
    public List<ulong> Files { get; } = [];

    public void Remove(ulong number, ref Inode inode)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        context.Delete(RowKeys.One(key, RowKeys.InodePrefix, number));
        if (!inode.IsStream) NameRows.DeleteOwn(context, number);
        var counters = NodeRows.GetCounters(context);
        NodeRows.PutCounters(context, counters with { Nodes = counters.Nodes - 1 });
        if (inode.Type == NodeType.SymbolicLink) context.Delete(RowKeys.One(key, RowKeys.TargetPrefix, number));
        if ((inode.Flags & InodeFlags.IsUnnamed) != 0) context.Delete(RowKeys.One(key, RowKeys.UnnamedPrefix, number));
        if (inode.ExtendedAttributeBytes > 0) AttributeRows.Put(context, number, ref inode, []);
        DescriptorRows.Delete(context, number, ref inode);
        if ((inode.Flags & InodeFlags.HasStreams) != 0)
        {
            foreach (var stream in StreamRows.List(context, number)) RemoveStream(number, stream);
        }

        if (inode.IsFile) RemoveContent(number, ref inode);
    }

    /// <summary>Removes a stream and its name; the caller looks after the flag of the file.</summary>
    public void RemoveStream(ulong file, in StreamLink stream)
    {
        StreamRows.Delete(context, file, stream.Name);
        if (!NodeRows.TryGet(context, stream.Inode, out var inode))
            throw new InvalidDataException("A stream's name leads nowhere.");
        Remove(stream.Inode, ref inode);
    }

    private void RemoveContent(ulong number, ref Inode inode)
    {
        Files.Add(number);
        var whole = (inode.Flags & InodeFlags.Cutting) == 0;
        if (whole && inode.Used > 0)
            whole = ExtentRows.Clear(context, number, ref inode, 0, long.MaxValue, ref _budget, _scratch) == long.MaxValue;
        if (inode.InlineBytes > ExtentRows.InlineKeptBytes)
        {
            Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
            context.Delete(RowKeys.One(key, RowKeys.InlinePrefix, number));
        }

        if (!whole || (inode.Flags & InodeFlags.WasLocked) != 0) ReclaimMutation.Mark(context, number);
    }
}
