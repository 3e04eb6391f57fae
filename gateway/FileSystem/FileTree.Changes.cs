using Gateway.FileSystem.Changes;
using Gateway.Replication.Store;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    /// <summary>
    /// Makes, or takes, a regular file. Ok with the existing file's attributes when the mode allows to take it.
    /// </summary>
    public ValueTask<ChangeResult> CreateAsync(
        NodeId directory, ReadOnlySpan<byte> name, CreateMode mode, AttributeChanges changes, ulong verifier,
        Caller caller,
        RecordedReply? reply = null, CancellationToken cancellation = default)
    {
        var status = FileName.Check(name);
        if (status == FileStatus.Ok && changes.Size < 0) status = FileStatus.InvalidArgument;
        if (status != FileStatus.Ok) return ValueTask.FromResult(Refused(status, directory));

        var mutation = new MakeMutation(this, caller, reply, directory, name.ToArray(), new NodeDraft(NodeType.File, changes))
        {
            Mode = mode,
            Verifier = verifier,
        };
        return mode == CreateMode.Unchecked && changes.Size is not null
            ? CreateOrCutAsync(mutation, changes.Size, caller, reply, cancellation)
            : RunAsync(mutation, cancellation);
    }

    public ValueTask<ChangeResult> MakeDirectoryAsync(
        NodeId directory, ReadOnlySpan<byte> name, AttributeChanges changes, Caller caller, RecordedReply? reply = null,
        CancellationToken cancellation = default) =>
        MakeAsync(directory, name, NodeType.Directory, default, default, changes, caller, reply, cancellation);

    /// <summary>The target is any bytes but NUL, up to 4,095; it is not interpreted.</summary>
    public ValueTask<ChangeResult> MakeSymbolicLinkAsync(
        NodeId directory, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, AttributeChanges changes, Caller caller,
        RecordedReply? reply = null, CancellationToken cancellation = default)
    {
        if (target.Length > FileSystemLimits.SymbolicLinkBytesMax)
            return ValueTask.FromResult(Refused(FileStatus.NameTooLong, directory));
        if (target.IsEmpty || target.Contains((byte)0))
            return ValueTask.FromResult(Refused(FileStatus.InvalidArgument, directory));

        return MakeAsync(
            directory, name, NodeType.SymbolicLink, default, target.ToArray(), changes, caller, reply, cancellation);
    }

    /// <summary>Makes a device, FIFO or socket; BadType for anything else. Devices are root's.</summary>
    public ValueTask<ChangeResult> MakeNodeAsync(
        NodeId directory, ReadOnlySpan<byte> name, NodeType type, DeviceNumber device, AttributeChanges changes,
        Caller caller,
        RecordedReply? reply = null, CancellationToken cancellation = default)
    {
        if (type is not (NodeType.BlockDevice or NodeType.CharacterDevice or NodeType.Socket or NodeType.Fifo))
            return ValueTask.FromResult(Refused(FileStatus.BadType, directory));
        if (type is NodeType.BlockDevice or NodeType.CharacterDevice && !caller.IsRoot)
            return ValueTask.FromResult(Refused(FileStatus.NotPermitted, directory));

        return MakeAsync(directory, name, type, device, default, changes, caller, reply, cancellation);
    }

    /// <summary>Removes a name of anything but a directory.</summary>
    public ValueTask<ChangeResult> RemoveAsync(
        NodeId directory, ReadOnlySpan<byte> name, Caller caller, RecordedReply? reply = null,
        CancellationToken cancellation = default) =>
        RemoveAsync(directory, name, false, caller, reply, cancellation);

    /// <summary>Removes an empty directory.</summary>
    public ValueTask<ChangeResult> RemoveDirectoryAsync(
        NodeId directory, ReadOnlySpan<byte> name, Caller caller, RecordedReply? reply = null,
        CancellationToken cancellation = default)
    {
        if (FileName.IsDot(name)) return ValueTask.FromResult(Refused(FileStatus.InvalidArgument, directory));
        if (FileName.IsDotDot(name)) return ValueTask.FromResult(Refused(FileStatus.NotEmpty, directory));
        return RemoveAsync(directory, name, true, caller, reply, cancellation);
    }

    /// <summary>
    /// Renames, replacing a compatible target. NotDirectory, IsDirectory, NotEmpty and InvalidArgument (into itself)
    /// as rename(2).
    /// </summary>
    public ValueTask<ChangeResult> RenameAsync(
        NodeId from, ReadOnlySpan<byte> fromName, NodeId to, ReadOnlySpan<byte> toName, Caller caller,
        RecordedReply? reply = null, CancellationToken cancellation = default)
    {
        var status = CheckRenamed(fromName);
        if (status == FileStatus.Ok) status = CheckRenamed(toName);
        if (status != FileStatus.Ok)
        {
            return ValueTask.FromResult(new ChangeResult
            {
                Status = status,
                Directory = Unchanged(from),
                TargetDirectory = Unchanged(to),
            });
        }

        return RunAsync(
            new RenameMutation(this, caller, reply, from, fromName.ToArray(), to, toName.ToArray()), cancellation);
    }

    /// <summary>Adds a name to a node that is no directory.</summary>
    public ValueTask<ChangeResult> LinkAsync(
        NodeId node, NodeId directory, ReadOnlySpan<byte> name, Caller caller, RecordedReply? reply = null,
        CancellationToken cancellation = default)
    {
        var status = FileName.Check(name);
        if (status == FileStatus.Ok && (FileName.IsDot(name) || FileName.IsDotDot(name))) status = FileStatus.Exists;
        return status == FileStatus.Ok
            ? RunAsync(new LinkMutation(this, caller, reply, node, directory, name.ToArray()), cancellation)
            : ValueTask.FromResult(Refused(status, directory));
    }

    private static FileStatus CheckRenamed(ReadOnlySpan<byte> name) =>
        FileName.IsDot(name) || FileName.IsDotDot(name) ? FileStatus.InvalidArgument : FileName.Check(name);

    internal static FileStatus StatusOf(StoreOutcome outcome) => outcome switch
    {
        StoreOutcome.Ok => FileStatus.Ok,
        StoreOutcome.NoSpace => FileStatus.NoSpace,
        StoreOutcome.Damaged => FileStatus.InputOutput,
        _ => FileStatus.Unavailable,
    };

    private ValueTask<ChangeResult> MakeAsync(
        NodeId directory, ReadOnlySpan<byte> name, NodeType type, DeviceNumber device, byte[]? target,
        AttributeChanges changes,
        Caller caller, RecordedReply? reply, CancellationToken cancellation)
    {
        var status = FileName.Check(name);
        if (status != FileStatus.Ok) return ValueTask.FromResult(Refused(status, directory));

        var draft = new NodeDraft(type, changes) { Device = device, Target = target ?? [] };
        return RunAsync(
            new MakeMutation(this, caller, reply, directory, name.ToArray(), draft), cancellation);
    }

    private ValueTask<ChangeResult> RemoveAsync(
        NodeId directory, ReadOnlySpan<byte> name, bool ofDirectory, Caller caller, RecordedReply? reply,
        CancellationToken cancellation)
    {
        var status = FileName.Check(name);
        if (status == FileStatus.Ok && (FileName.IsDot(name) || FileName.IsDotDot(name)))
            status = FileStatus.IsDirectory;
        return status == FileStatus.Ok
            ? RunAsync(new RemoveMutation(this, caller, reply, directory, name.ToArray(), ofDirectory), cancellation)
            : ValueTask.FromResult(Refused(status, directory));
    }

    private async ValueTask<ChangeResult> CreateOrCutAsync(
        MakeMutation mutation, long? size, Caller caller, RecordedReply? reply, CancellationToken cancellation)
    {
        var result = await RunAsync(mutation, cancellation);
        if (result.Status != FileStatus.Ok || mutation.ToCut is not { } existing) return result;

        var cut = new AttributeChanges { Size = size };
        return await SetAsync(
            existing, cut, null, caller, reply, DataAccess.OwnerOverride, result.Directory, cancellation);
    }

    private async ValueTask<ChangeResult> RunAsync(TreeMutation mutation, CancellationToken cancellation)
    {
        if (Opens.Count != 0) await mutation.YieldAsync(cancellation);
        var outcome = StoreOutcome.Unavailable;
        try
        {
            outcome = await _store.ExecuteAsync(mutation, cancellation);
        }
        finally
        {
            if (mutation.Place != 0) Changes.Tell(mutation.Place, outcome == StoreOutcome.Ok ? mutation.Told : []);
        }

        if (outcome != StoreOutcome.Ok)
        {
            mutation.Reply?.Forget();
            return new ChangeResult { Status = StatusOf(outcome) };
        }

        foreach (var file in mutation.Destroyed) _writeBack.Forget(file);

        // Its last open may have ended before the mutation was seen.
        if (mutation.Unnamed is { } unnamed) await EndUnnamedAsync(unnamed);
        return mutation.Result;
    }

    /// <summary>
    /// A request that is refused before it reaches the sequencer, with what is known of the directory.
    /// </summary>
    private ChangeResult Refused(FileStatus status, NodeId directory)
    {
        var known = Unchanged(directory);
        return new ChangeResult { Status = known.After is null ? FileStatus.Stale : status, Directory = known };
    }

    private NodeChange Unchanged(NodeId node)
    {
        using var rows = _store.OpenSnapshot();
        return Tables.NodeRows.TryGet(rows, node, out var inode)
            ? new NodeChange(inode.Before(), Describe(node.Inode, inode))
            : default;
    }
}
