using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.Replication.Wire;

namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    private volatile bool _modified;
    private volatile bool _keepsAccessTime;
    private volatile bool _keepsChangeTime;

    /// <summary>LockConflict when another open, or another protocol, has the range locked exclusively.</summary>
    public ValueTask<ReadResult> ReadAsync(
        long offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        MayAccess(offset, destination.Length, writes: false)
            ? Tree.ReadAsync(Node, offset, destination, Caller, DataAccess.CheckedAtOpen, cancellation)
            : ValueTask.FromResult(new ReadResult(FileStatus.LockConflict, 0, false, null));

    /// <summary>
    /// LockConflict when any lock but an exclusive one of this open is on the range. What others cached of the content
    /// is broken. The bytes are copied, or borrowed from the source.
    /// </summary>
    public ValueTask<WriteResult> WriteAsync(
        long offset, ReadOnlySequence<byte> bytes, WriteStability stability, IPayloadSource? source = null,
        CancellationToken cancellation = default)
    {
        if (!MayAccess(offset, bytes.Length, writes: true))
            return ValueTask.FromResult(new WriteResult(FileStatus.LockConflict, 0, default, 0, default));

        // Broken before the write, so that nobody answers from a cache that should be gone once it was done; and after
        // it, for those who read and cached while it went on.
        _modified = true;
        HoldWriteTime();
        return IsExclusive
            ? Tree.WriteAsync(Node, offset, bytes, stability, Caller, DataAccess.CheckedAtOpen, source, cancellation)
            : WriteSharedAsync(offset, bytes, stability, source, cancellation);
    }

    /// <summary>Everything written through any open is durable.</summary>
    public async ValueTask<FileStatus> FlushAsync(CancellationToken cancellation = default)
    {
        if (IsDirectory) return FileStatus.Ok;
        var committed = await Tree.CommitAsync(Node, Caller, cancellation);
        ShowWriteTime();
        return committed.Status;
    }

    /// <summary>Attributes of the file, with the size of the content that is open.</summary>
    public async ValueTask<AttributesResult> GetAttributesAsync(CancellationToken cancellation = default)
    {
        var file = await Tree.GetAttributesAsync(File, cancellation);
        if (file.Status != FileStatus.Ok || (!IsStream && Content.ReservedBytes == 0)) return file;

        var content = IsStream ? await Tree.GetAttributesAsync(Node, cancellation) : file;
        if (content.Status != FileStatus.Ok) return content;

        var (size, used) = (content.Attributes.Size, content.Attributes.Used);
        return new AttributesResult(
            FileStatus.Ok, file.Attributes with { Size = size, Used = used, ReservedBytes = Content.ReservedBytes });
    }

    /// <summary>
    /// Sets attributes of the file and the size of the content. A write time that the client sets stays until the last
    /// open ends, whatever is written meanwhile (MS-FSA 2.1.5.14.2, UserSetModifyTime).
    /// </summary>
    public async ValueTask<FileStatus> SetAttributesAsync(
        AttributeChanges changes, CancellationToken cancellation = default)
    {
        if (changes.Size is { } size)
        {
            var cut = await CutAsync(size, cancellation);
            changes = changes with { Size = null };
            ShowWriteTime();
            if (cut != FileStatus.Ok || changes == default) return cut;
        }

        if (changes.ModifyTime.Kind == TimeChangeKind.ClientTime) Content.File.KeepsWriteTime = true;
        var result = await Tree.SetAttributesAsync(
            File, changes, null, Caller, null, DataAccess.CheckedAtOpen, cancellation);
        ShowWriteTime();
        if (result.Status == FileStatus.Ok) Content.Table.BreakDirectory(Directory, this);
        return result.Status;
    }

    /// <summary>
    /// The write time stays as it is whatever is written, or moves again (MS-FSCC 2.4.7, the values -1 and -2).
    /// </summary>
    public void KeepWriteTime(bool keeps) => Content.File.KeepsWriteTime = keeps;

    /// <summary>The same of the access time, for what comes by this open (MS-FSA 2.1.1.10, UserSetAccessTime).</summary>
    public void KeepAccessTime(bool keeps) => _keepsAccessTime = keeps;

    /// <summary>
    /// The same of what is shown as the change time (MS-FSA 2.1.1.10, UserSetChangeTime); the one that NFS sees grows.
    /// </summary>
    public void KeepChangeTime(bool keeps) => _keepsChangeTime = keeps;

    internal bool KeepsAccessTime => _keepsAccessTime;

    internal bool KeepsChangeTime => _keepsChangeTime;

    /// <summary>
    /// What others cached of the content holds no more: they are told, and nobody waits for their answers. Opens whose client is
    /// away, and would come back to what it has cached, end, but for persistent ones, which lose the cache.
    /// </summary>
    public ValueTask BreakReadersAsync()
    {
        if (Content.Cached == 0 || IsExclusive) return ValueTask.CompletedTask;

        var breaks = new BreakList();
        lock (Content.Sync)
        {
            foreach (var open in Content.Opens)
            {
                if (open.Lease is { } lease && lease == Lease) continue;
                if ((open.Caching & LeaseState.Read) != 0) open.BreakCaching(LeaseState.None, breaks);
            }
        }

        return breaks.SendAsync();
    }

    private async ValueTask<FileStatus> CutAsync(long size, CancellationToken cancellation)
    {
        await BreakReadersAsync();
        _modified = true;
        Content.ReservedBytes = 0;
        var result = await Tree.SetAttributesAsync(
            Node, new AttributeChanges { Size = size }, null, Caller, null, DataAccess.CheckedAtOpen, cancellation);
        await BreakReadersAsync();
        return result.Status;
    }

    /// <summary>Nobody else caches, and nobody will before this open was asked.</summary>
    private bool IsExclusive => (Caching & LeaseState.Write) != 0;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<WriteResult> WriteSharedAsync(
        long offset, ReadOnlySequence<byte> bytes, WriteStability stability, IPayloadSource? source, CancellationToken cancellation)
    {
        await BreakReadersAsync();
        var result = await Tree.WriteAsync(
            Node, offset, bytes, stability, Caller, DataAccess.CheckedAtOpen, source, cancellation);
        await BreakReadersAsync();
        return result;
    }

    private bool MayAccess(long offset, long length, bool writes)
    {
        if (length == 0 || offset < 0) return true;
        if (Content.Locks.Any)
        {
            lock (Content.Sync)
            {
                if (Content.Locks.Blocks(this, (ulong)offset, (ulong)length, writes)) return false;
            }
        }

        return !Tree.Locks.Nodes.Blocks(Node, offset, length, writes);
    }
}
