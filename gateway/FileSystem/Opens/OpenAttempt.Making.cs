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

        var status = MayMake(directory, parent);
        if (status != FileStatus.Ok) return new OpenResult(status);

        var granted = GrantNew();
        var draft = Describe(directory, parent, name);
        var made = await Tree.MakeAsync(draft, request.Token.Caller.Trusted(), cancellation);
        if (made.Status == FileStatus.Exists) return Step.Again;
        if (made.Status != FileStatus.Ok) return new OpenResult(made.Status);

        var node = made.Node.After!.Value;
        var place = new Place(directory.Node, name.ToArray());
        if (!WantsStream) return await EnterNewAsync(node, node.Node, place, granted, cancellation);

        var stream = await Tree.MakeStreamAsync(
            node.Node, request.Stream, request.Token.Caller.Trusted(), cancellation);
        if (stream.Status == FileStatus.Exists) return Step.Again;
        return stream.Status == FileStatus.Ok
            ? await EnterNewAsync(node, stream.Attributes.Node, place, granted, cancellation)
            : new OpenResult(stream.Status);
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
        if (status == FileStatus.Ok) status = CheckNew(walk.Attributes.Node, place);
        if (status != FileStatus.Ok) return new OpenResult(status);

        var made = await Tree.MakeStreamAsync(
            walk.Attributes.Node, request.Stream, request.Token.Caller.Trusted(), cancellation);
        if (made.Status == FileStatus.Exists) return Step.Again;
        return made.Status == FileStatus.Ok
            ? await EnterNewAsync(walk.Attributes, made.Attributes.Node, place, granted, cancellation)
            : new OpenResult(made.Status);
    }

    private async ValueTask<Step> EnterNewAsync(
        NodeAttributes file, NodeId content, Place place, AccessMask granted, CancellationToken cancellation)
    {
        var entered = await EnterAsync(file, content, place, granted);
        if (entered.Open is not { } open) return StepOf(entered);

        table.BreakDirectory(place.Directory, open);
        var maximal = OpenRights.Limit(AccessMask.FileAll, request, file);
        return await FinishAsync(open, OpenAction.Created, maximal, FileStatus.Ok, cancellation);
    }

    /// <summary>MS-FSA 2.1.5.1.1.</summary>
    private FileStatus MayMake(in NodeAttributes directory, SecurityDescriptor parent)
    {
        var needed = MakesDirectory ? AccessMask.AppendData : AccessMask.WriteData;
        if (request.ReadOnlyShare || (AccessCheck.Granted(parent, request.Token) & needed) == 0)
            return FileStatus.AccessDenied;
        if (request.Descriptor?.Owner is { } owner && !AccessCheck.AllowsOwner(owner, request.Token))
            return FileStatus.InvalidOwner;

        var deletes = (request.Options & OpenOptions.DeleteOnClose) != 0;
        if (deletes && (request.Attributes & DosAttributes.ReadOnly) != 0) return FileStatus.CannotDelete;
        return table.IsDoomed(directory.Node) ? FileStatus.DeletePending : CheckKeyOfNew();
    }

    private FileStatus CheckNew(NodeId file, Place place)
    {
        if (request.ReadOnlyShare) return FileStatus.AccessDenied;
        return table.IsDoomed(file, place) ? FileStatus.DeletePending : CheckKeyOfNew();
    }

    /// <summary>A key in use is for another file than one that is not there yet.</summary>
    private FileStatus CheckKeyOfNew() =>
        request.Caching.Level == OplockLevel.Lease
            && table.FindLease(request.Client, request.Caching.Key) is not null
            ? FileStatus.InvalidArgument
            : FileStatus.Ok;

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
