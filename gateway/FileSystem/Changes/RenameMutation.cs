using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>RENAME with the rules of POSIX (RFC 1813 §3.3.14).</summary>
internal sealed class RenameMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId from, byte[] fromName, NodeId to, byte[] toName)
    : TreeMutation(tree, caller, reply)
{
    private readonly bool _sameDirectory = from.Inode == to.Inode;

    private Inode _from;
    private Inode _to;
    private NameLink _link;
    private NameLink _targetLink;
    private Inode _moved;
    private Inode _target;
    private bool _hasTarget;

    protected override ChangeResult Run(MutationContext context)
    {
        var status = LoadDirectories(context);
        if (status == FileStatus.Ok) status = CheckSource(context);
        if (status == FileStatus.Ok) status = CheckTarget(context);
        if (status == FileStatus.Ok && _moved.IsDirectory && !_sameDirectory) status = CheckMove(context);
        if (status != FileStatus.Ok) return Finish(status, _from.Before(), _to.Before());
        if (_hasTarget && _targetLink.Inode == _link.Inode) return Finish(FileStatus.Ok, _from.Before(), _to.Before());

        return Move(context);
    }

    private FileStatus LoadDirectories(MutationContext context)
    {
        var first = LoadForChange(context, from, out _from);
        var second = LoadForChange(context, to, out _to);
        return first != FileStatus.Ok ? first : second;
    }

    private FileStatus CheckSource(MutationContext context)
    {
        if (!NodeRows.TryGetLink(context, from.Inode, fromName, out _link)) return FileStatus.NoEntry;
        if (!NodeRows.TryGet(context, _link.Inode, out _moved)) throw new InvalidDataException("A name leads nowhere.");
        return Permissions.AllowRemoval(_from, _moved, Caller) ? FileStatus.Ok : FileStatus.NotPermitted;
    }

    private FileStatus CheckTarget(MutationContext context)
    {
        _hasTarget = NodeRows.TryGetLink(context, to.Inode, toName, out _targetLink);
        if (!_hasTarget || _targetLink.Inode == _link.Inode) return FileStatus.Ok;
        if (!NodeRows.TryGet(context, _targetLink.Inode, out _target))
            throw new InvalidDataException("A name leads nowhere.");

        if (!Permissions.AllowRemoval(_to, _target, Caller)) return FileStatus.NotPermitted;
        if (_moved.IsDirectory && !_target.IsDirectory) return FileStatus.NotDirectory;
        if (!_moved.IsDirectory && _target.IsDirectory) return FileStatus.IsDirectory;
        return _target.IsDirectory && _target.Entries > 0 ? FileStatus.NotEmpty : FileStatus.Ok;
    }

    /// <summary>A directory goes to another: its ".." changes, and it must not go below itself.</summary>
    private FileStatus CheckMove(MutationContext context)
    {
        if (!Permissions.Allow(_moved, Caller, Permissions.Write)) return FileStatus.AccessDenied;

        for (var above = to.Inode; above != NodeId.RootInode;)
        {
            if (above == _link.Inode) return FileStatus.InvalidArgument;
            if (!NodeRows.TryGet(context, above, out var inode))
                throw new InvalidDataException("A directory has no parent.");
            above = inode.Parent;
        }

        return FileStatus.Ok;
    }

    private ChangeResult Move(MutationContext context)
    {
        var fromBefore = _from.Before();
        var toBefore = _to.Before();
        NodeRows.Unlink(context, from.Inode, ref _from, fromName, _link);
        if (_moved.IsDirectory) _from.Links--;
        if (_sameDirectory) _to = _from;

        if (_hasTarget)
        {
            NodeRows.Unlink(context, to.Inode, ref _to, toName, _targetLink);
            if (_target.IsDirectory) _to.Links--;
            DropLink(context, _targetLink.Inode, ref _target);
        }

        NodeRows.Link(context, to.Inode, ref _to, toName, _link.Inode, _moved.Type);
        if (_moved.IsDirectory)
        {
            _to.Links++;
            _moved.Parent = to.Inode;
        }

        _moved.Touch(context.ClockNanoseconds);
        NodeRows.Put(context, _link.Inode, _moved);
        PutChanged(context, to, ref _to, toBefore);
        if (_sameDirectory) _from = _to;
        else PutChanged(context, from, ref _from, fromBefore);
        return Finish(FileStatus.Ok, fromBefore, toBefore);
    }

    private ChangeResult Finish(FileStatus status, AttributesBefore fromBefore, AttributesBefore toBefore) => new()
    {
        Status = status,
        Directory = _from.Type == 0 ? default : new NodeChange(fromBefore, Tree.Describe(from.Inode, _from)),
        TargetDirectory = _to.Type == 0 ? default : new NodeChange(toBefore, Tree.Describe(to.Inode, _to)),
    };
}
