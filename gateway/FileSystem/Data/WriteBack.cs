using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem.Tables;
using Gateway.Replication;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Written data on its way to the nodes: bounded buffers per file, filled straight from the requests, streamed as
/// slices in the background and attached to their file in the order they were written.
/// </summary>
/// <remarks>
/// Thread-safe. Per file: appends hold the file's lock for the copy only; one drain at a time attaches buffers, oldest
/// first, while later ones are already being written. Data never disappears without a change of the write verifier: a
/// buffer that cannot be made durable stays, and is tried again, until it is or the epoch ends.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle; writes may outlive the tree.")]
[SuppressMessage("Maintainability", "CA1506", Justification = "Where memory, slices and rows meet.")]
internal sealed partial class WriteBack(
    FileTree tree, IVolumeStore store, FileTreeOptions options, TimeProvider clock, ILogger logger)
{
    private readonly ConcurrentDictionary<ulong, DirtyFile> _files = new();
    private readonly WriteBudget _budget = new(options.WriteBackBytesMax, clock);
    private readonly BufferPool _buffers = new(WriteBuffer.LargeBytes, options.WriteBackRetainedBytes);
    private readonly SemaphoreSlim _sliceWrites = new(options.SliceWritesMax);
    private int _count;

    /// <summary>
    /// False when no file can have anything to overlay: the usual case, without a look into the table.
    /// </summary>
    public bool HasAny => Volatile.Read(ref _count) > 0;

    public long BufferedBytes => _budget.Used;

    /// <summary>Shows what was written in the attributes.</summary>
    public void Overlay(ulong number, ref Inode inode)
    {
        if (!_files.TryGetValue(number, out var file)) return;
        lock (file.Sync) file.Overlay(ref inode);
    }

    /// <summary>True when writes of the file wait in buffers; synchronous writes must then queue behind them.</summary>
    public bool IsBuffered(ulong number)
    {
        if (!HasAny || !_files.TryGetValue(number, out var file)) return false;
        lock (file.Sync) return file.Buffers.Count > 0 || file.Exclusive is not null;
    }

    /// <summary>
    /// Takes the bytes of a write; all or nothing. They become durable by <see cref="FlushAsync(ulong)"/>, or by and
    /// by.
    /// </summary>
    public async ValueTask<FileStatus> AppendAsync(
        NodeId node, long offset, ReadOnlySequence<byte> data, long changeTime, bool clearsPrivileges,
        bool keepsDeclared, CancellationToken cancellation)
    {
        WriteBuffer? spare = null;
        try
        {
            for (; ; )
            {
                var file = GetOrAdd(node);
                Task? wait = null;
                lock (file.Sync)
                {
                    if (file.IsDead) continue;
                    if (file.Exclusive is { } exclusive) wait = exclusive.Task;
                    else if (TryAppend(file, offset, data, changeTime, clearsPrivileges, keepsDeclared, ref spare)) break;
                }

                if (wait is not null)
                {
                    await wait.WaitAsync(cancellation);
                    continue;
                }

                if (spare is not null) Return(spare);
                (var status, spare) = await RentAsync(file, (int)data.Length, cancellation);
                if (status != FileStatus.Ok) return status;
            }
        }
        finally
        {
            if (spare is not null) Return(spare);
        }

        if (_files.TryGetValue(node.Inode, out var written)) Drain(written);
        return FileStatus.Ok;
    }

    /// <summary>Forgets what was written to a file that was removed.</summary>
    public void Forget(ulong number)
    {
        if (!HasAny || !_files.TryGetValue(number, out var file)) return;
        lock (file.Sync)
        {
            file.IsGone = true;
            file.Open?.Seal();
        }

        Drain(file);
    }

    private DirtyFile GetOrAdd(NodeId node)
    {
        if (_files.TryGetValue(node.Inode, out var file)) return file;

        var added = new DirtyFile(node) { Epoch = store.Epoch, TouchedAt = clock.GetTimestamp() };
        file = _files.GetOrAdd(node.Inode, added);
        if (ReferenceEquals(file, added)) Interlocked.Increment(ref _count);
        return file;
    }

    private bool TryAppend(
        DirtyFile file, long offset, in ReadOnlySequence<byte> data, long changeTime, bool clearsPrivileges,
        bool keepsDeclared, ref WriteBuffer? spare)
    {
        if (file.Epoch != store.Epoch)
        {
            // The verifier has changed with the epoch: clients write again what was not committed.
            if (file.Buffers.Count > 0)
            {
                file.Open?.Seal();
                return false;
            }

            file.Reset();
            file.Epoch = store.Epoch;
        }

        var length = (int)data.Length;
        var open = file.Open;
        if (open is null || !open.HasRoom(length))
        {
            open?.Seal();
            if (spare is null || !spare.HasRoom(length)) return false;
            open = spare;
            spare = null;
            file.Buffers.Add(open);
            file.Bytes += open.Capacity;
            file.LastCapacity = open.Capacity;
        }

        open.Append(offset, data);
        open.ClearsPrivileges |= clearsPrivileges;
        open.KeepsDeclared &= keepsDeclared;
        file.KeepsDeclared = keepsDeclared;
        file.KeepsWriteTime = tree.Opens.KeepsWriteTime(file.Node.Inode);
        file.Note(offset + length, Timestamp.NanosecondsNow(clock), changeTime);
        open.Time = file.Time;
        file.TouchedAt = clock.GetTimestamp();
        if (open.Filled == open.Capacity || open.Fragments.IsFull) open.Seal();
        return true;
    }

    private async ValueTask<(FileStatus Status, WriteBuffer? Buffer)> RentAsync(
        DirtyFile file, int length, CancellationToken cancellation)
    {
        Drain(file);
        int capacity;
        Task<FileStatus>? oldest = null;
        lock (file.Sync)
        {
            capacity = WriteBuffer.CapacityFor(length, file.Buffers.Count == 0 ? 0 : file.LastCapacity);
            var isLost = file.Epoch != store.Epoch;
            if (file.Buffers.Count > 0 && (isLost || file.Bytes + capacity > options.WriteBackBytesPerFileMax))
                oldest = file.Buffers[0].Done.Task;
        }

        if (oldest is not null)
        {
            var status = await oldest.WaitAsync(cancellation);
            if (status is not (FileStatus.Ok or FileStatus.Stale)) return (status, null);
        }

        if (!_budget.TryTake(capacity))
        {
            Relieve();
            if (!await _budget.TakeAsync(capacity, options.WriteBackPatience, cancellation))
                return (store.Space.AvailableBytes < capacity ? FileStatus.NoSpace : FileStatus.Unavailable, null);
        }

        return (FileStatus.Ok, new WriteBuffer(_buffers.Rent(capacity), capacity));
    }

    /// <summary>Starts to write out everything that waits in memory.</summary>
    private void Relieve()
    {
        foreach (var (_, file) in _files)
        {
            lock (file.Sync) file.Open?.Seal();
            Drain(file);
        }
    }

    private void Return(WriteBuffer buffer)
    {
        if (!buffer.Unpin()) return;
        _buffers.Return(buffer.Array);
        _budget.Return(buffer.Capacity);
    }
}
