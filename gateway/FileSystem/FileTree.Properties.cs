using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem;

/// <summary>Extended attributes and security descriptors.</summary>
public sealed partial class FileTree
{
    public ValueTask<ExtendedAttributesResult> ReadExtendedAttributesAsync(
        NodeId node, CancellationToken cancellation = default)
    {
        ExtendedAttributesResult result;
        using (var rows = _store.OpenSnapshot())
        {
            if (!NodeRows.TryGet(rows, node, out var inode)) result = new(FileStatus.Stale, []);
            else if (inode.ExtendedAttributeBytes == 0) result = new(FileStatus.Ok, []);
            else result = new(FileStatus.Ok, AttributeRows.Get(rows, node.Inode));
        }

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new ExtendedAttributesResult(FileStatus.Unavailable, []));
    }

    /// <summary>
    /// Sets some extended attributes, in their order; an empty value removes one. ExtendedAttributesTooLarge, and
    /// nothing changed, when all together would be.
    /// </summary>
    public ValueTask<ChangeResult> SetExtendedAttributesAsync(
        NodeId node, IReadOnlyList<ExtendedAttribute> attributes, Caller caller,
        CancellationToken cancellation = default)
    {
        var status = AttributeRows.Check(attributes);
        return status == FileStatus.Ok
            ? RunAsync(new SetExtendedAttributesMutation(this, caller, node, attributes), cancellation)
            : ValueTask.FromResult(new ChangeResult { Status = status });
    }

    /// <summary>The descriptor stored, or the one that owner and mode stand for. Of a stream that of its file.</summary>
    public ValueTask<DescriptorResult> ReadDescriptorAsync(NodeId node, CancellationToken cancellation = default)
    {
        DescriptorResult result;
        using (var rows = _store.OpenSnapshot())
        {
            result = NodeRows.TryGet(rows, node, out var inode)
                ? new DescriptorResult(FileStatus.Ok, ReadDescriptor(rows, node.Inode, inode))
                : new DescriptorResult(FileStatus.Stale, null);
        }

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new DescriptorResult(FileStatus.Unavailable, null));
    }

    /// <summary>
    /// Stores a whole descriptor, and sets owner, group and permission bits in accordance with it. Parts are set by
    /// reading the present one and combining them.
    /// </summary>
    public ValueTask<ChangeResult> SetDescriptorAsync(
        NodeId node, SecurityDescriptor descriptor, Caller caller, CancellationToken cancellation = default) =>
        RunAsync(new SetDescriptorMutation(this, caller, node, descriptor), cancellation);

    private SecurityDescriptor ReadDescriptor(IRowReader rows, ulong number, in Inode inode)
    {
        if (inode.IsStream)
        {
            return NodeRows.TryGet(rows, inode.StreamOf, out var file)
                ? ReadDescriptor(rows, inode.StreamOf, file)
                : throw new InvalidDataException("A stream has no file.");
        }

        if ((inode.Flags & InodeFlags.HasDescriptor) == 0)
            return ModeMapping.FromMode(inode.Uid, inode.Gid, inode.Mode, inode.IsDirectory, Sids);

        return SecurityDescriptor.TryParse(DescriptorRows.Get(rows, number), out var descriptor)
            ? descriptor
            : throw new InvalidDataException("A stored security descriptor is malformed.");
    }

    /// <summary>Has a write told that is shown, though it may not be durable yet.</summary>
    private void TellWritten(NodeId node)
    {
        if (!Changes.IsWanted) return;

        TreeChange? change = null;
        using (var rows = _store.OpenSnapshot())
        {
            if (NodeRows.TryGet(rows, node, out var inode))
                change = ChangeNames.Describe(rows, node.Inode, inode, ChangedParts.Size | ChangedParts.LastWrite);
        }

        if (change is not null) Changes.Tell(change);
    }
}
