using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

internal sealed partial class OpenAttempt
{
    private bool MakesDirectory => (request.Options & OpenOptions.Directory) != 0;

    /// <summary>The last name is missing: makes the node, and its stream when one is asked for.</summary>
    private async ValueTask<Step> MakeAsync(NodeAttributes directory, CancellationToken cancellation)
    {
        var name = request.Path[^1];
        var read = await Tree.ReadDescriptorAsync(directory.Node, cancellation);
        if (read.Status == FileStatus.Stale) return Step.Again;
        if (read.Descriptor is not { } parent) return new OpenResult(read.Status);

        var status = MayMake(parent);
        if (status == FileStatus.Ok && !MakesDirectory && !HasRoom(0)) status = FileStatus.NoSpace;
        if (status != FileStatus.Ok) return new OpenResult(status);

        if (Tree.Tunnel.TryTake(directory.Node, name.Span, out var former)) name = former;
        var place = new Place(directory.Node, name.ToArray());
        var entrance = new Entrance(table, request, place, MakesDirectory ? NodeType.Directory : NodeType.File, GrantNew());
        var draft = Describe(directory, parent, name) with { Stream = request.Stream, Claim = entrance.Enter };
        var made = await Tree.MakeAsync(draft, request.Token.Caller.Trusted(), cancellation);
        return made.Status == FileStatus.Ok
            ? await FinishAsync(entrance.Open!, made.Node.After!.Value, cancellation)
            : Undo(entrance, made.Status);
    }

    /// <summary>Makes a stream of a file that exists.</summary>
    private async ValueTask<Step> MakeStreamAsync(WalkResult walk, Place place, CancellationToken cancellation)
    {
        var (status, maximal) = await OpenRights.MaximalAsync(
            Tree, request, walk.Attributes, place.Name.Length == 0 ? null : place.Directory, cancellation);
        if (status == FileStatus.Stale) return Step.Again;

        AccessMask granted = default;
        if (status == FileStatus.Ok) status = OpenRights.Grant(request, maximal, out granted);
        if (status == FileStatus.Ok && (maximal & AccessMask.WriteData) == 0) status = FileStatus.AccessDenied;
        if (status == FileStatus.Ok && request.ReadOnlyShare) status = FileStatus.AccessDenied;
        if (status == FileStatus.Ok && !HasRoom(0)) status = FileStatus.NoSpace;
        if (status != FileStatus.Ok) return new OpenResult(status);

        var entrance = new Entrance(table, request, place, walk.Attributes.Type, granted);
        var made = await Tree.MakeStreamAsync(
            walk.Attributes.Node, request.Stream, request.Token.Caller.Trusted(), entrance.Enter, cancellation);
        if (made.Status != FileStatus.Ok) return Undo(entrance, made.Status);

        // Where the file has lost its name meanwhile, the stream goes with it.
        return IsThere(entrance.Open!, place)
            ? await FinishAsync(entrance.Open!, walk.Attributes, cancellation)
            : Undo(entrance, FileStatus.Stale);
    }

    private ValueTask<Step> FinishAsync(Open open, NodeAttributes file, CancellationToken cancellation)
    {
        table.BreakDirectory(open.Directory, open);
        var maximal = OpenRights.Limit(AccessMask.FileAll, request, file);
        return FinishAsync(open, OpenAction.Created, maximal, FileStatus.Ok, cancellation);
    }

    /// <summary>Nothing was made, or nobody knows whether it was.</summary>
    private static Step Undo(Entrance entrance, FileStatus status)
    {
        if (entrance.Open is { } open) open.Revoke();
        return status is FileStatus.Exists or FileStatus.Stale ? Step.Again : new OpenResult(status);
    }

    /// <summary>MS-FSA 2.1.5.1.1.</summary>
    private FileStatus MayMake(SecurityDescriptor parent)
    {
        var needed = MakesDirectory ? AccessMask.AppendData : AccessMask.WriteData;
        if (request.ReadOnlyShare || (AccessCheck.Granted(parent, request.Token) & needed) == 0)
            return FileStatus.AccessDenied;
        if (request.Descriptor?.Owner is { } owner && !AccessCheck.AllowsOwner(owner, request.Token))
            return FileStatus.InvalidOwner;

        var deletes = (request.Options & OpenOptions.DeleteOnClose) != 0;
        return deletes && (request.Attributes & DosAttributes.ReadOnly) != 0 ? FileStatus.CannotDelete : FileStatus.Ok;
    }

    /// <summary>Who makes a file has what rights he asks for, whatever its descriptor will say to others.</summary>
    private AccessMask GrantNew()
    {
        var wanted = AccessCheck.MapGeneric(request.Access);
        return (wanted & AccessMask.MaximumAllowed) == 0
            ? wanted
            : (wanted & ~AccessMask.MaximumAllowed) | AccessMask.FileAll;
    }

    private NewNode Describe(in NodeAttributes directory, SecurityDescriptor parent, ReadOnlyMemory<byte> name)
    {
        var group = (directory.Mode & Permissions.SetGid) != 0 ? Tree.Sids.OfGroup(directory.Gid) : null;
        var attributes = request.Attributes & ~DosAttributes.Sparse;
        return new NewNode
        {
            Directory = directory.Node,
            Name = name,
            Type = MakesDirectory ? NodeType.Directory : NodeType.File,
            Dos = MakesDirectory ? attributes : attributes | DosAttributes.Archive,
            Descriptor = Inheritance.ForChild(parent, request.Descriptor, request.Token, MakesDirectory, group),
            ExtendedAttributes = request.ExtendedAttributes,
            Match = NameMatch.IgnoreCase,
        };
    }
}
