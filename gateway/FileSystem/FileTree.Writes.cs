using System.Buffers;
using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Data;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    private async ValueTask<WriteResult> WriteNowAsync(
        NodeId node, long offset, ReadOnlySequence<byte> bytes, WriteStability stability, Caller caller,
        DataAccess access, IPayloadSource? source, CancellationToken cancellation)
    {
        var verifier = _store.WriteVerifier;
        var epoch = _store.Epoch;
        var status = CheckWrite(node, offset, bytes.Length, caller, access, out var inode, out var before);
        if (status != FileStatus.Ok || bytes.IsEmpty)
            return new WriteResult(status, 0, WriteStability.FileSync, verifier, Around(node, before, inode));

        var clears = !caller.IsRoot && Permissions.WithoutPrivileges(inode.Mode) != inode.Mode;
        if (bytes.Length + _writeBack.BufferedBytes > _store.Space.AvailableBytes)
        {
            // Better refused now than at the commit, when the client has forgotten who wrote it.
            return Written(FileStatus.NoSpace, 0, default, verifier, Around(node, before));
        }

        if (stability == WriteStability.Unstable || _writeBack.IsBuffered(node.Inode))
        {
            status = await _writeBack.AppendAsync(
                node, offset, bytes, inode.ChangeTime, clears, caller.KeepsDeclared, cancellation);
            if (status == FileStatus.Ok && stability != WriteStability.Unstable)
                status = await _writeBack.FlushAsync(node.Inode);
            var reached = stability == WriteStability.Unstable ? WriteStability.Unstable : WriteStability.FileSync;
            return Written(status, bytes.Length, reached, verifier, Around(node, before));
        }

        var attach = await PlaceAsync(
            node, offset, bytes, source, RidesInRows(bytes.Length, inode), epoch, clears, caller.KeepsDeclared,
            cancellation);
        if (attach.Mutation is null) return Written(attach.Status, 0, default, verifier, Around(node, before));

        status = await AttachAsync(attach.Mutation);
        if (status == FileStatus.NoSpace && attach.Mutation.Slice is { } unused)
            await _store.ExecuteAsync(new AbandonMutation(unused), CancellationToken.None);
        var change = status == FileStatus.Ok ? attach.Mutation.File : Around(node, before);
        return Written(status, bytes.Length, WriteStability.FileSync, verifier, change);
    }

    /// <summary>Makes all unstable writes of the file durable.</summary>
    public async ValueTask<CommitResult> CommitAsync(
        NodeId node, Caller caller, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var status = CheckWrite(node, 0, 0, caller, DataAccess.OwnerOverride, out _, out var before);
        if (status == FileStatus.Ok) status = await _writeBack.FlushAsync(node.Inode);

        // Read after the flush: when the epoch ended meanwhile, the client must see it.
        var verifier = _store.WriteVerifier;
        if (status is FileStatus.Ok or FileStatus.Stale)
            status = await ConfirmAsync(_store.ConfirmReadAsync(cancellation), status, FileStatus.Unavailable);
        return new CommitResult(status, verifier, Around(node, before));
    }

    /// <summary>
    /// Sets attributes. GuardMismatch when a guard is given that is not the node's change time; NotPermitted and
    /// AccessDenied by the rules of chmod, chown, utimes and truncate.
    /// </summary>
    public ValueTask<ChangeResult> SetAttributesAsync(
        NodeId node, AttributeChanges changes, Timestamp? guardChangeTime, Caller caller, RecordedReply? reply = null,
        DataAccess access = DataAccess.OwnerOverride, CancellationToken cancellation = default) =>
        SetAsync(node, changes, guardChangeTime, caller, reply, access, default, cancellation);

    /// <summary>False when rows hold so much of the content of files that small writes go into slices too.</summary>
    internal bool TakesInline => _settler.TakesInline;

    /// <summary>Runs the mutation to its end, which for very fragmented files takes several runs.</summary>
    internal async ValueTask<FileStatus> AttachAsync(AttachMutation attach)
    {
        for (; ; )
        {
            var outcome = await _store.ExecuteAsync(attach);
            if (outcome != StoreOutcome.Ok) return StatusOf(outcome);
            if (attach.Done && attach.Status == FileStatus.Ok && attach.Pieces >= SettlePass.MergedExtentsMin)
                _settler.Suggest(attach.Node);
            if (attach.Done) return attach.Status;
            if (!attach.MustReclaim) continue;

            var status = await ReclaimAsync(attach.Node.Inode);
            if (status != FileStatus.Ok) return status;
        }
    }

    private WriteResult Written(
        FileStatus status, long bytes, WriteStability stability, ulong verifier, NodeChange change)
    {
        if (status != FileStatus.Ok) return new WriteResult(status, 0, stability, verifier, change);

        if (change.After is { Node: var node }) TellWritten(node);
        return new WriteResult(status, (int)bytes, stability, verifier, change);
    }

    private FileStatus CheckWrite(
        NodeId node, long offset, long length, in Caller caller, DataAccess access, out Inode inode,
        out AttributesBefore? before)
    {
        before = null;
        using (var rows = _store.OpenSnapshot())
        {
            if (!NodeRows.TryGet(rows, node, out inode)) return FileStatus.Stale;
        }

        _writeBack.Overlay(node.Inode, ref inode);
        before = inode.Before();
        if (inode.IsDirectory) return FileStatus.IsDirectory;
        if (!inode.IsFile || offset < 0 || length > FileSystemLimits.TransferBytesMax)
            return FileStatus.InvalidArgument;
        if (!Permissions.AllowData(inode, caller, Permissions.Write, access)) return FileStatus.AccessDenied;
        return offset > FileSystemLimits.FileBytesMax - length ? FileStatus.FileTooBig : FileStatus.Ok;
    }

    private bool RidesInRows(long length, in Inode inode) =>
        length <= Options.InlineBytesMax && TakesInline
        && inode.InlineBytes < (ulong)Options.InlineBytesPerFileMax;

    /// <summary>
    /// Brings the bytes of a synchronous write where the rows can mean them: into the mutation, or a slice.
    /// </summary>
    private async ValueTask<(FileStatus Status, AttachMutation? Mutation)> PlaceAsync(
        NodeId node, long offset, ReadOnlySequence<byte> bytes, IPayloadSource? source, bool inline, ulong epoch,
        bool clears, bool keepsDeclared, CancellationToken cancellation)
    {
        var fragments = new FragmentList();
        fragments.Add(new Fragment(offset, (int)bytes.Length, 0));
        SliceRef? slice = null;
        if (!inline)
        {
            var written = await WriteSliceAsync(bytes, source, cancellation);
            if (written.Outcome != StoreOutcome.Ok) return (StatusOf(written.Outcome), null);
            slice = written.Slice;
        }

        var attach = new AttachMutation(this, node, fragments)
        {
            Slice = slice,
            Inline = inline ? Contiguous(bytes) : default,
            Epoch = epoch,
            ClearsPrivileges = clears,
            KeepsDeclared = keepsDeclared,
        };
        return (FileStatus.Ok, attach);
    }

    private async ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlySequence<byte> bytes, IPayloadSource? source, CancellationToken cancellation)
    {
        if (bytes.IsSingleSegment) return await _store.WriteSliceAsync(bytes.First, source, cancellation);

        var length = (int)bytes.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        bytes.CopyTo(rented);
        var written = await _store.WriteSliceAsync(rented.AsMemory(0, length), null, cancellation);
        ArrayPool<byte>.Shared.Return(rented);
        return written;
    }

    private static ReadOnlyMemory<byte> Contiguous(ReadOnlySequence<byte> bytes) =>
        bytes.IsSingleSegment ? bytes.First : bytes.ToArray();

    private async ValueTask<ChangeResult> SetAsync(
        NodeId node, AttributeChanges changes, Timestamp? guard, Caller caller, RecordedReply? reply, DataAccess access,
        NodeChange directory, CancellationToken cancellation)
    {
        // Before anything is held that writing back needs.
        if (changes.Size is not null) await YieldAsync(node, CachingUse.Write, caller, cancellation);

        DirtyFile? dirty = null;
        if (guard is not null || ComesAfterWrites(changes))
        {
            (var status, dirty) = await _writeBack.EnterExclusiveAsync(node.Inode, cancellation);
            if (status != FileStatus.Ok) return new ChangeResult { Status = status };
        }

        try
        {
            for (; ; )
            {
                var mutation = new SetAttributesMutation(this, caller, reply, node, changes, guard, access)
                {
                    Shrinks = changes.Size is { } size && Before(node) is { } before && size < before.Size,
                    Directory = directory,
                };
                var result = await RunAsync(mutation, cancellation);
                if (changes.ModifyTime.Kind != TimeChangeKind.Unchanged) Opens.ShowWriteTime(node);
                if (!mutation.MustReclaim || result.Status != FileStatus.Ok) return result;

                var reclaimed = await ReclaimAsync(node.Inode);
                if (reclaimed != FileStatus.Ok) return new ChangeResult { Status = reclaimed };
            }
        }
        finally
        {
            if (dirty is not null) WriteBack.LeaveExclusive(dirty);
        }
    }

    /// <summary>What is set would be undone by writes that are buffered still.</summary>
    private static bool ComesAfterWrites(in AttributeChanges changes) =>
        changes.Size is not null || changes.Dos is not null || changes.DeclaredChangeTime is not null
        || changes.ModifyTime.Kind != TimeChangeKind.Unchanged
        || changes.AccessTime.Kind != TimeChangeKind.Unchanged;

    /// <summary>Frees all that a cut or removed file left behind.</summary>
    private async ValueTask<FileStatus> ReclaimAsync(ulong number)
    {
        for (; ; )
        {
            var step = new ReclaimMutation(number);
            var outcome = await _store.ExecuteAsync(step);
            if (outcome != StoreOutcome.Ok || step.Done) return StatusOf(outcome);
        }
    }

    private AttributesBefore? Before(NodeId node)
    {
        using var rows = _store.OpenSnapshot();
        if (!NodeRows.TryGet(rows, node, out var inode)) return null;
        _writeBack.Overlay(node.Inode, ref inode);
        return inode.Before();
    }

    private NodeChange Around(NodeId node, AttributesBefore? before) =>
        new(before, TryDescribe(node, out var attributes) ? attributes : null);

    private NodeChange Around(NodeId node, AttributesBefore? before, in Inode inode) =>
        new(before, inode.Type == 0 ? null : inode.Describe(node.Inode, FileSystemId));
}
