using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;

namespace Gateway.FileSystem;

/// <summary>Changes by those who have a node open: they know which node a name must lead to.</summary>
public sealed partial class FileTree
{
    private const int UnnamedPerRound = 256;

    /// <summary>Makes a node; Exists when a name matches.</summary>
    public ValueTask<ChangeResult> MakeAsync(NewNode made, Caller caller, CancellationToken cancellation = default)
    {
        var status = Check(made);
        if (status != FileStatus.Ok) return ValueTask.FromResult(Refused(status, made.Directory));

        var uid = made.Uid;
        var gid = made.Gid;
        var mode = made.Mode;
        if (made.Descriptor is { } descriptor)
        {
            var owned = DescriptorOwner.Of(
                descriptor, Sids, uid ?? caller.Uid, gid ?? caller.Gid, made.Type == NodeType.Directory);
            (uid, gid, mode) = (owned.Uid, owned.Gid, owned.Mode);
        }

        var changes = new AttributeChanges { Mode = mode, Uid = uid, Gid = gid, Dos = made.Dos };
        var draft = new NodeDraft(made.Type, changes)
        {
            Target = made.Target.ToArray(),
            Stream = made.Stream.ToArray(),
            ExtendedAttributes = AttributeRows.Merge([], made.ExtendedAttributes),
            Descriptor = made.Descriptor?.ToBytes(),
            InheritsMode = true,
        };
        return RunAsync(
            new MakeMutation(this, caller, null, made.Directory, made.Name.ToArray(), draft)
            {
                Match = made.Match,
                Claim = made.Claim,
            },
            cancellation);
    }

    /// <summary>
    /// Removes a name of a node of any kind, of a directory when it is empty; NoEntry when it does not lead to the one
    /// expected.
    /// </summary>
    public ValueTask<ChangeResult> RemoveAsync(
        NodeId directory, ReadOnlyMemory<byte> name, NodeId expected, Caller caller,
        CancellationToken cancellation = default) =>
        RemoveAsync(directory, name, expected, caller, null, cancellation);

    /// <inheritdoc cref="RemoveAsync(NodeId, ReadOnlyMemory{byte}, NodeId, Caller, CancellationToken)"/>
    internal ValueTask<ChangeResult> RemoveAsync(
        NodeId directory, ReadOnlyMemory<byte> name, NodeId expected, Caller caller, Open? ended,
        CancellationToken cancellation = default) =>
        RunAsync(
            new RemoveMutation(this, caller, null, directory, name.ToArray(), ofDirectory: false)
            {
                Expected = expected,
                Ended = ended,
            },
            cancellation);

    /// <summary>Renames; a change of the spelling alone is one too. Exists, unless it replaces.</summary>
    public ValueTask<ChangeResult> RenameAsync(
        RenameRequest request, Caller caller, CancellationToken cancellation = default)
    {
        var status = CheckRenamed(request.ToName.Span);
        if (status != FileStatus.Ok) return ValueTask.FromResult(Refused(status, request.From));

        return RunAsync(
            new RenameMutation(
                this, caller, null, request.From, request.FromName.ToArray(), request.To, request.ToName.ToArray())
            {
                Expected = request.Expected,
                Replaces = request.Replace,
                Match = request.Match,
            },
            cancellation);
    }

    /// <summary>Gives a node that is no directory a further name; Exists, unless it replaces.</summary>
    public ValueTask<ChangeResult> LinkAsync(
        NodeId node, NodeId directory, ReadOnlyMemory<byte> name, bool replace, NameMatch match, Caller caller,
        CancellationToken cancellation = default)
    {
        var status = CheckRenamed(name.Span);
        if (status != FileStatus.Ok) return ValueTask.FromResult(Refused(status, directory));

        return RunAsync(
            new LinkMutation(this, caller, null, node, directory, name.ToArray()) { Match = match, Replaces = replace },
            cancellation);
    }

    /// <summary>Overwrites or supersedes a file.</summary>
    public async ValueTask<ChangeResult> ReplaceAsync(
        ReplaceRequest request, Caller caller, CancellationToken cancellation = default)
    {
        var status = AttributeRows.Check(request.ExtendedAttributes);
        if (status == FileStatus.Ok && AttributeRows.BytesOf(request.ExtendedAttributes)
            > FileSystemLimits.ExtendedAttributesBytesMax)
        {
            status = FileStatus.ExtendedAttributesTooLarge;
        }

        if (status != FileStatus.Ok) return new ChangeResult { Status = status };

        using var alone = await EnterAloneAsync(request.Node, null, cancellation);
        return alone.Status == FileStatus.Ok
            ? await RunAsync(new ReplaceMutation(this, caller, request), cancellation)
            : new ChangeResult { Status = alone.Status };
    }

    /// <summary>
    /// Makes an empty file or directory with one name a symbolic link, or gives a link another target.
    /// </summary>
    public ValueTask<ChangeResult> SetSymbolicLinkAsync(
        NodeId node, ReadOnlyMemory<byte> target, Caller caller, CancellationToken cancellation = default)
    {
        var status = CheckTarget(target.Span);
        return status == FileStatus.Ok
            ? RunAsync(new ConvertMutation(this, caller, node, target.ToArray()), cancellation)
            : ValueTask.FromResult(new ChangeResult { Status = status });
    }

    /// <summary>Makes a symbolic link an empty file; NotAReparsePoint when it is none.</summary>
    public ValueTask<ChangeResult> ClearSymbolicLinkAsync(
        NodeId node, Caller caller, CancellationToken cancellation = default) =>
        RunAsync(new ConvertMutation(this, caller, node, null), cancellation);

    /// <summary>
    /// The last open of a node ended. Removes the node when it has no name any more; to be called once
    /// the table of opens does not have it any more.
    /// </summary>
    internal async ValueTask EndUnnamedAsync(NodeId node)
    {
        if (Opens.IsOpen(node)) return;

        bool isUnnamed;
        using (var rows = _store.OpenSnapshot())
        {
            isUnnamed = NodeRows.TryGet(rows, node, out var inode) && (inode.Flags & InodeFlags.IsUnnamed) != 0;
        }

        // When it cannot be removed now, whoever opens the volume next does it.
        if (isUnnamed) await RunAsync(new EndUnnamedMutation(this, node), CancellationToken.None);
    }

    /// <summary>Removes what had no name, and was open, when the volume was last closed. What is open again stays.</summary>
    private async ValueTask EndAllUnnamedAsync()
    {
        for (ulong last = 0; ;)
        {
            var nodes = new List<NodeId>();
            var found = 0;
            using (var rows = _store.OpenSnapshot())
            {
                foreach (var number in UnnamedNodes.List(rows, last, UnnamedPerRound))
                {
                    last = number;
                    found++;
                    if (NodeRows.TryGet(rows, number, out var inode)) nodes.Add(new NodeId(number, inode.Generation));
                }
            }

            foreach (var node in nodes)
            {
                var ended = await RunAsync(new EndUnnamedMutation(this, node), CancellationToken.None);
                if (ended.Status != FileStatus.Ok) return;
            }

            if (found < UnnamedPerRound) return;
        }
    }

    private static FileStatus Check(NewNode made)
    {
        var status = FileName.Check(made.Name.Span);
        if (status == FileStatus.Ok && !made.Stream.IsEmpty) status = FileName.Check(made.Stream.Span);
        if (status == FileStatus.Ok) status = AttributeRows.Check(made.ExtendedAttributes);
        if (status != FileStatus.Ok) return status;
        if (AttributeRows.BytesOf(made.ExtendedAttributes) > FileSystemLimits.ExtendedAttributesBytesMax)
            return FileStatus.ExtendedAttributesTooLarge;

        return made.Type switch
        {
            NodeType.File or NodeType.Directory or NodeType.Fifo or NodeType.Socket => FileStatus.Ok,
            NodeType.SymbolicLink => CheckTarget(made.Target.Span),
            _ => FileStatus.BadType,
        };
    }

    private static FileStatus CheckTarget(ReadOnlySpan<byte> target)
    {
        if (target.Length > FileSystemLimits.SymbolicLinkBytesMax) return FileStatus.NameTooLong;
        return target.IsEmpty || target.Contains((byte)0) ? FileStatus.InvalidArgument : FileStatus.Ok;
    }
}
