using Gateway.Replication.Rows;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Store;

/// <summary>
/// Decides when the next checkpoint is due and runs one at a time: when the journal since the last one has grown past
/// a minimum and past a share of the last checkpoint (PROTOCOL §4.2).
/// </summary>
internal sealed class CheckpointSchedule(
    VolumeStoreOptions options, CheckpointWriter writer, ISliceStorage slices, ILogger logger)
    : IAsyncDisposable
{
    /// <summary>The journal of two distances, and the one being written, stay within a fifth of a small disk.</summary>
    private const int DiskShare = 16;

    private const long DistanceBytesMin = 1 << 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private long _dueAt = -1;
    private long _journalBytes;
    private volatile bool _failed;

    /// <summary>Called by the sequencer, with all journal bytes so far. Returns at once.</summary>
    public void Advance(long journalBytes, IRowStore rows)
    {
        Volatile.Write(ref _journalBytes, journalBytes);
        var due = Volatile.Read(ref _dueAt);
        if (due < 0) Volatile.Write(ref _dueAt, due = FirstDue(rows));
        if (journalBytes >= due) _ = RunAsync();
    }

    /// <summary>Writes a checkpoint now, or joins none: null when one is being written or it failed.</summary>
    public Task<CheckpointManifest?> RunAsync()
    {
        lock (_gate)
        {
            if (!_running.IsCompleted || _stop.IsCancellationRequested)
                return Task.FromResult<CheckpointManifest?>(null);
            Volatile.Write(ref _dueAt, long.MaxValue);
            var task = Task.Run(WriteAsync);
            _running = task;
            return task;
        }
    }

    /// <summary>
    /// What kept the last one from being written is over: tries again now, without waiting for more journal, of which a full
    /// volume makes none.
    /// </summary>
    public void Retry()
    {
        if (_failed) _ = RunAsync();
    }

    /// <summary>Ends what is under way and begins nothing more.</summary>
    public void Stop() => _stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        Task running;
        Stop();
        lock (_gate) running = _running;
        await running;
        _stop.Dispose();
    }

    private long DistanceBytes =>
        Math.Min(options.CheckpointBytesMin, Math.Max(DistanceBytesMin, slices.Space.TotalBytes / DiskShare));

    private long FirstDue(IRowStore rows)
    {
        using var snapshot = rows.OpenSnapshot();
        var manifests = CheckpointManifest.ReadAll(snapshot);
        return manifests.Count == 0 ? DistanceBytes : DueBehind(manifests[^1]);
    }

    private long DueBehind(CheckpointManifest last) =>
        last.JournalBytes + Math.Max(DistanceBytes, (long)(last.Bytes * options.CheckpointShare));

    private async Task<CheckpointManifest?> WriteAsync()
    {
        _failed = true;
        try
        {
            var (outcome, manifest) = slices.HasEnoughNodes
                ? await writer.WriteAsync(_stop.Token)
                : (StoreOutcome.Unavailable, null);
            if (manifest is not null)
            {
                _failed = false;
                StoreLog.CheckpointWritten(logger, manifest.Position.Index, manifest.Count, manifest.Bytes);
                Volatile.Write(ref _dueAt, DueBehind(manifest));
                return manifest;
            }

            StoreLog.CheckpointFailed(logger, outcome);
        }
        catch (OperationCanceledException)
        {
            // The store closes; the next owner writes it.
        }

        // The journal keeps everything meanwhile, so trying again has time: at the next start, or when much more came.
        Volatile.Write(ref _dueAt, Volatile.Read(ref _journalBytes) + Math.Max(1, DistanceBytes / 8));
        return null;
    }
}
