using Gateway.FileSystem.Changes;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.FileSystem.Data;

internal sealed partial class WriteBack
{
    /// <summary>
    /// How long size and time are shown after the last buffer is durable; longer than any snapshot lives.
    /// </summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromSeconds(2);

    /// <summary>Makes everything written to the file durable; Ok at once when there is nothing.</summary>
    public async ValueTask<FileStatus> FlushAsync(ulong number)
    {
        if (!HasAny || !_files.TryGetValue(number, out var file)) return FileStatus.Ok;

        Task<FileStatus> done;
        lock (file.Sync)
        {
            if (file.Buffers.Count == 0) return FileStatus.Ok;
            file.Open?.Seal();
            done = file.Buffers[^1].Done.Task;
        }

        Drain(file);
        return await done;
    }

    public async ValueTask<FileStatus> FlushAllAsync()
    {
        Relieve();
        var worst = FileStatus.Ok;
        foreach (var (number, _) in _files)
        {
            var status = await FlushAsync(number);
            if (status is not (FileStatus.Ok or FileStatus.Stale)) worst = status;
        }

        return worst;
    }

    /// <summary>
    /// Makes everything durable and holds later writes back until <see cref="LeaveExclusive"/>: for changes of size and
    /// times. Null when the file has no writes to order with.
    /// </summary>
    public async ValueTask<(FileStatus Status, DirtyFile? File)> EnterExclusiveAsync(
        ulong number, CancellationToken cancellation)
    {
        for (; ; )
        {
            if (!HasAny || !_files.TryGetValue(number, out var file)) return (FileStatus.Ok, null);

            Task? wait = null;
            lock (file.Sync)
            {
                if (file.IsDead) continue;
                wait = file.Exclusive?.Task;
                file.Exclusive ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (wait is not null)
            {
                await wait.WaitAsync(cancellation);
                continue;
            }

            var status = await FlushAsync(number);
            if (status is FileStatus.Ok or FileStatus.Stale)
            {
                lock (file.Sync) file.Reset();
                return (FileStatus.Ok, file);
            }

            LeaveExclusive(file);
            return (status, null);
        }
    }

    public static void LeaveExclusive(DirtyFile file)
    {
        TaskCompletionSource? exclusive;
        lock (file.Sync)
        {
            exclusive = file.Exclusive;
            file.Exclusive = null;
        }

        exclusive?.SetResult();
    }

    /// <summary>Periodic work: writes out what lies idle or failed before, and forgets files that are done.</summary>
    public void Tick()
    {
        foreach (var (number, file) in _files)
        {
            lock (file.Sync)
            {
                var idle = clock.GetElapsedTime(file.TouchedAt);
                if (file.Buffers.Count > 0)
                {
                    if (idle >= options.WriteBackIdle || _budget.HasWaiters || file.Epoch != store.Epoch)
                        file.Open?.Seal();
                }
                else if (idle >= LingerTime && file.Exclusive is null && !file.IsDraining)
                {
                    file.IsDead = true;
                    _files.TryRemove(number, out _);
                    Interlocked.Decrement(ref _count);
                }
            }

            Drain(file);
        }
    }

    /// <summary>Starts the one drain of the file unless it runs or there is nothing sealed.</summary>
    private void Drain(DirtyFile file)
    {
        lock (file.Sync)
        {
            if (file.Buffers.Count == 0 || !file.Buffers[0].IsSealed) return;
            StartWrites(file);
            if (file.IsDraining) return;
            file.IsDraining = true;
        }

        _ = DrainAsync(file);
    }

    private async Task DrainAsync(DirtyFile file)
    {
        await Task.Yield();
        try
        {
            while (NextToDrain(file) is { } buffer)
            {
                var status = await MakeDurableAsync(file, buffer);
                if (!Finish(file, buffer, status)) return;
            }
        }
        catch (Exception e)
        {
            // The volume stops by itself on such a failure; whoever waits must not wait for ever.
            LogDrainFailed(logger, file.Node.Inode, e);
            Finish(file, null, FileStatus.Unavailable);
        }
    }

    private WriteBuffer? NextToDrain(DirtyFile file)
    {
        lock (file.Sync)
        {
            StartWrites(file);
            if (file.Buffers.Count > 0 && file.Buffers[0].IsSealed) return file.Buffers[0];

            file.IsDraining = false;
            return null;
        }
    }

    /// <summary>Slices of later buffers are written while earlier ones are attached.</summary>
    private void StartWrites(DirtyFile file)
    {
        if (file.IsGone || file.Epoch != store.Epoch) return;
        foreach (var buffer in file.Buffers)
        {
            if (!buffer.IsSealed || buffer.IsPlaced) continue;
            buffer.IsPlaced = true;
            if (buffer.Filled > options.InlineBytesMax || !tree.TakesInline) buffer.Writing = WriteSliceAsync(buffer);
        }
    }

    private async Task<SliceWriteResult> WriteSliceAsync(WriteBuffer buffer)
    {
        await _sliceWrites.WaitAsync();
        try
        {
            await Task.Yield();
            return await store.WriteSliceAsync(buffer.Written);
        }
        finally
        {
            _sliceWrites.Release();
        }
    }

    private async ValueTask<FileStatus> MakeDurableAsync(DirtyFile file, WriteBuffer buffer)
    {
        SliceRef? slice = null;
        if (buffer.Writing is { } writing)
        {
            var written = await writing;
            if (written.Outcome != StoreOutcome.Ok) return FileTree.StatusOf(written.Outcome);
            slice = written.Slice;
        }
        else if (file.IsGone)
        {
            return FileStatus.Stale;
        }

        var attach = new AttachMutation(tree, file.Node, buffer.Fragments)
        {
            Slice = slice,
            Inline = buffer.Written,
            Epoch = file.Epoch,
            Time = buffer.Time,
            ClearsPrivileges = buffer.ClearsPrivileges,
            KeepsDeclared = buffer.KeepsDeclared,
            Retried = buffer.Retried,
        };
        var status = await tree.AttachAsync(attach);
        buffer.Retried |= status is not (FileStatus.Ok or FileStatus.Stale);
        return status;
    }

    /// <summary>Takes a durable buffer out; false when the drain ends because this one failed.</summary>
    private bool Finish(DirtyFile file, WriteBuffer? buffer, FileStatus status)
    {
        var isLost = file.Epoch != store.Epoch;
        var removed = new List<WriteBuffer>();
        var failed = new List<TaskCompletionSource<FileStatus>>();
        lock (file.Sync)
        {
            file.TouchedAt = clock.GetTimestamp();
            if (isLost) TakeLost(file, removed);
            else if (buffer is not null && status is (FileStatus.Ok or FileStatus.Stale)) Take(file, buffer, removed);
            else Retry(file, failed);
            if (failed.Count > 0 || buffer is null) file.IsDraining = false;
        }

        foreach (var taken in removed)
        {
            taken.Done.TrySetResult(isLost ? FileStatus.Unavailable : status);
            Return(taken);
        }

        foreach (var done in failed) done.TrySetResult(status);
        return failed.Count == 0;
    }

    [LoggerMessage(
        EventId = 3001, Level = LogLevel.Error, Message = "Written data of inode {Inode} could not be made durable")]
    private static partial void LogDrainFailed(ILogger logger, ulong inode, Exception exception);

    private static void Take(DirtyFile file, WriteBuffer buffer, List<WriteBuffer> removed)
    {
        file.Buffers.Remove(buffer);
        file.Bytes -= buffer.Capacity;
        removed.Add(buffer);
    }

    /// <summary>All that was written before the epoch changed is lost, and said to be so by the verifier.</summary>
    private static void TakeLost(DirtyFile file, List<WriteBuffer> removed)
    {
        foreach (var buffer in file.Buffers.ToArray())
        {
            if (buffer.Writing is { IsCompleted: false }) continue;
            Take(file, buffer, removed);
        }

        file.Reset();
    }

    /// <summary>Everybody who waits learns of the failure; the buffers stay for the next attempt.</summary>
    private static void Retry(DirtyFile file, List<TaskCompletionSource<FileStatus>> failed)
    {
        foreach (var buffer in file.Buffers)
        {
            if (!buffer.IsSealed) continue;
            failed.Add(buffer.Done);
            buffer.Done = WriteBuffer.NewDone();
            if (buffer.Writing is not { IsCompleted: true, Result.Outcome: not StoreOutcome.Ok }) continue;
            buffer.Writing = null;
            buffer.IsPlaced = false;
        }
    }
}
