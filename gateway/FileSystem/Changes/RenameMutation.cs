using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>RENAME with the rules of POSIX (RFC 1813 §3.3.14).</summary>
internal sealed class RenameMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId from, byte[] fromName, NodeId to, byte[] toName)
    : TreeMutation(tree, caller, reply)
{
    /// <summary>The source must be this node; null takes what the name leads to.</summary>
    public NodeId? Expected { get; init; }

    /// <summary>A name in the way is replaced.</summary>
    public bool Replaces { get; init; } = true;

    /// <summary>How a name that is in the way is found.</summary>
    public NameMatch Match { get; init; }

    private readonly bool _sameDirectory = from.Inode == to.Inode;

    private Inode _from;
    private Inode _to;
    private NameLink _link;
    private NameLink _targetLink;
    private Inode _moved;
    private Inode _target;
    private ReadOnlyMemory<byte> _targetName;
    private bool _hasTarget;

    protected override async ValueTask YieldAsync(OpenTable opens, CancellationToken cancellation)
    {
        await opens.YieldNameAsync(from, fromName, cancellation);
        await opens.YieldNameAsync(to, toName, cancellation);
        opens.BreakDirectory(from, null);
        if (!_sameDirectory) opens.BreakDirectory(to, null);
    }

    protected override ChangeResult Run(MutationContext context)
    {
        var status = LoadDirectories(context);
        if (status == FileStatus.Ok) status = CheckSource(context);
        if (status == FileStatus.Ok) status = CheckTarget(context);
        if (status == FileStatus.Ok && _moved.IsDirectory && !_sameDirectory) status = CheckMove(context);
        if (status != FileStatus.Ok) return Finish(status, _from.Before(), _to.Before());
        return ChangesNothing() ? Finish(FileStatus.Ok, _from.Before(), _to.Before()) : Move(context);
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
        if (Expected is { } expected && expected != new NodeId(_link.Inode, _moved.Generation))
            return FileStatus.NoEntry;
        return Permissions.AllowRemoval(_from, _moved, Caller) ? FileStatus.Ok : FileStatus.NotPermitted;
    }

    private FileStatus CheckTarget(MutationContext context)
    {
        _hasTarget = NameRows.TryFind(context, to.Inode, toName, Match, out _targetLink, out _targetName);

        // Another spelling of its own name is not in the way.
        if (_hasTarget && _sameDirectory && _targetLink.Cookie == _link.Cookie) _hasTarget = false;
        if (!_hasTarget) return FileStatus.Ok;
        if (!Replaces) return FileStatus.Exists;
        if (_targetLink.Inode == _link.Inode)
        {
            _target = _moved;
            return FileStatus.Ok;
        }

        if (!NodeRows.TryGet(context, _targetLink.Inode, out _target))
            throw new InvalidDataException("A name leads nowhere.");

        if (!Permissions.AllowRemoval(_to, _target, Caller)) return FileStatus.NotPermitted;
        if (_moved.IsDirectory && !_target.IsDirectory) return FileStatus.NotDirectory;
        if (!_moved.IsDirectory && _target.IsDirectory) return FileStatus.IsDirectory;
        return _target.IsDirectory && _target.Entries > 0 ? FileStatus.NotEmpty : FileStatus.Ok;
    }

    /// <summary>
    /// Its own name; or, as POSIX wants it and Windows does not, another name of the same file.
    /// </summary>
    private bool ChangesNothing() =>
        (_sameDirectory && fromName.AsSpan().SequenceEqual(toName))
        || (_hasTarget && _targetLink.Inode == _link.Inode && Expected is null);

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

        if (_hasTarget) Replace(context);
        if (IsTold) TellRenamed();

        NodeRows.Link(context, to.Inode, ref _to, toName, _link.Inode, _moved.Type);
        if (_moved.IsDirectory)
        {
            _to.Links++;
            _moved.Parent = to.Inode;
        }

        _moved.Touch(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, _link.Inode, _moved);
        Tree.Opens.RecordMove(context, new NodeId(_link.Inode, _moved.Generation), (from, fromName), (to, toName));
        PutChanged(context, to, ref _to, toBefore);
        if (_sameDirectory) _from = _to;
        else PutChanged(context, from, ref _from, fromBefore);
        return Finish(FileStatus.Ok, fromBefore, toBefore);
    }

    private void Replace(MutationContext context)
    {
        if (IsTold) Tell(OfRemoval(_targetLink, _target, to, _targetName));
        NodeRows.Unlink(context, to.Inode, ref _to, _targetName.Span, _targetLink);
        if (_target.IsDirectory) _to.Links--;
        if (_targetLink.Inode == _link.Inode) _moved.Links--;
        else DropLink(context, _targetLink.Inode, ref _target);
    }

    private void TellRenamed()
    {
        var node = new NodeId(_link.Inode, _moved.Generation);
        var change = OfName(TreeChangeKind.Renamed, node, _moved.Type, to, toName);
        Tell(change with { FromDirectory = from, FromName = fromName });
    }

    private ChangeResult Finish(FileStatus status, AttributesBefore fromBefore, AttributesBefore toBefore) => new()
    {
        Status = status,
        Directory = _from.Type == 0 ? default : new NodeChange(fromBefore, Tree.Describe(from.Inode, _from)),
        TargetDirectory = _to.Type == 0 ? default : new NodeChange(toBefore, Tree.Describe(to.Inode, _to)),
    };
}
