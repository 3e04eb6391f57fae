using Gateway.FileSystem.Names;
using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>A rename or a further name for what is open (MS-FSA 2.1.5.14.11 and 2.1.5.14.6).</summary>
internal sealed class NameChange(Open open, NodeId to, ReadOnlyMemory<byte> name, bool replace)
{
    private readonly Place _from = open.Link.Place;

    /// <summary>What was asked for is the short one of this name, which the file gets.</summary>
    private ReadOnlyMemory<byte>? _longName;

    /// <summary>Called before it waits.</summary>
    public Action? Pending { get; init; }

    private FileTree Tree => open.Tree;

    private OpenTable Table => open.Content.Table;

    private ReadOnlyMemory<byte> Name => _longName ?? name;

    public async ValueTask<FileStatus> RenameAsync(bool posix, CancellationToken cancellation)
    {
        if (open.Name.IsEmpty) return FileStatus.AccessDenied;

        var status = await Table.YieldHandlesAsync(open, Pending, cancellation);
        if (status != FileStatus.Ok) return status;
        if (Table.IsOpenToDelete(_from.Directory, open) || Table.IsOpenToDelete(to, open))
            return FileStatus.SharingViolation;
        if (open.IsDirectory && !posix && Table.HasOpensBelow(open.File)) return FileStatus.AccessDenied;

        status = await CheckTargetAsync(cancellation);
        if (status != FileStatus.Ok) return status;

        var renamed = await Tree.RenameAsync(
            new RenameRequest
            {
                From = _from.Directory,
                FromName = _from.Name,
                Expected = open.File,
                To = to,
                ToName = Name,
                Replace = replace,
                Match = NameMatch.IgnoreCase,
            },
            open.Caller,
            cancellation);
        if (renamed.Status != FileStatus.Ok) return renamed.Status;

        open.MoveTo(to, Name.ToArray());
        if (open.Type == NodeType.File) Tree.Tunnel.Keep(_from.Directory, _from.Name);
        Table.BreakDirectory(_from.Directory, open);
        if (to != _from.Directory) Table.BreakDirectory(to, open);
        return FileStatus.Ok;
    }

    public async ValueTask<FileStatus> LinkAsync(CancellationToken cancellation)
    {
        if (open.Type == NodeType.Directory) return FileStatus.IsDirectory;

        var status = await CheckTargetAsync(cancellation);
        if (status != FileStatus.Ok) return status;

        var linked = await Tree.LinkAsync(
            open.File, to, Name, replace, NameMatch.IgnoreCase, open.Caller, cancellation);
        if (linked.Status == FileStatus.Ok) Table.BreakDirectory(to, open);
        return linked.Status;
    }

    /// <summary>May the directory take the name, and may what has the name now be replaced?</summary>
    private async ValueTask<FileStatus> CheckTargetAsync(CancellationToken cancellation)
    {
        var (status, rights) = await OpenRights.GrantedAsync(Tree, to, null, open.Token, cancellation);
        if (status != FileStatus.Ok) return status;

        var needed = open.IsDirectory ? AccessMask.AppendData : AccessMask.WriteData;
        if (to != _from.Directory && (rights & needed) == 0) return FileStatus.AccessDenied;
        if (Table.IsDoomed(to)) return FileStatus.DeletePending;

        var walk = await Tree.WalkAsync(to, [name], NameMatch.IgnoreCase, null, cancellation);
        if (walk.Status == FileStatus.NoEntry) return TakeFree();
        if (walk.Status != FileStatus.Ok) return walk.Status;

        // Another way of writing its own name.
        var target = walk.Attributes;
        if (target.Node == open.File && to == _from.Directory) return FileStatus.Ok;
        if (!replace) return FileStatus.Exists;

        if (!CaseFolding.AreEqual(name.Span, walk.Names[0].Span)) _longName = walk.Names[0];
        return await CheckReplacedAsync(target, cancellation);
    }

    private FileStatus TakeFree()
    {
        if (open.Type == NodeType.File && Tree.Tunnel.TryTake(to, name.Span, out var former)) _longName = former;
        return FileStatus.Ok;
    }

    private async ValueTask<FileStatus> CheckReplacedAsync(
        NodeAttributes target, CancellationToken cancellation)
    {
        if (target.Type == NodeType.Directory || (target.Dos & DosAttributes.ReadOnly) != 0)
            return FileStatus.AccessDenied;

        var yielded = await Table.YieldHandlesAsync(target.Node, open, Pending, cancellation);
        if (yielded != FileStatus.Ok) return yielded;
        if (target.Node != open.File && !Table.MayBeReplaced(target.Node)) return FileStatus.AccessDenied;

        var (status, rights) = await OpenRights.GrantedAsync(Tree, target.Node, to, open.Token, cancellation);
        if (status != FileStatus.Ok) return status;
        return (rights & AccessMask.Delete) != 0 ? FileStatus.Ok : FileStatus.AccessDenied;
    }
}
