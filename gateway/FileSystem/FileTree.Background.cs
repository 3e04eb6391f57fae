using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Microsoft.Extensions.Logging;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    private const int ReclaimsPerRoundMax = 64;

    private readonly AccessTimes _accessTimes;
    private readonly Settler _settler;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _background;

    /// <summary>One round of the work that nobody waits for; returns when it is done.</summary>
    public async Task RunBackgroundRoundAsync()
    {
        _writeBack.Tick();
        await _accessTimes.FlushAsync(all: false);
        await ReclaimSomeAsync();
        await _settler.RunRoundAsync(_stopping.Token);
    }

    private void NoteAccess(NodeId node, in Inode inode) => _accessTimes.Note(node, inode);

    private async Task RunBackgroundAsync()
    {
        if (Options.BackgroundPeriod == TimeSpan.Zero) return;

        await Task.WhenAll(
            RepeatAsync(async () =>
            {
                _writeBack.Tick();
                await _accessTimes.FlushAsync(all: false);
            }),
            RepeatAsync(ReclaimSomeAsync),
            RepeatAsync(() => _settler.RunRoundAsync(_stopping.Token)));
    }

    private async Task RepeatAsync(Func<Task> round)
    {
        using var timer = new PeriodicTimer(Options.BackgroundPeriod, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                try
                {
                    await round();
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // The volume stops by itself when its rows are in doubt; this work is tried again next time.
                    LogBackgroundFailed(_logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The file system is being closed.
        }
    }

    /// <summary>Goes on freeing what large removes and truncates left behind, also before a restart.</summary>
    private async Task ReclaimSomeAsync()
    {
        var found = new List<ulong>();
        using (var rows = _store.OpenSnapshot())
        using (var cursor = rows.OpenCursor())
        {
            var more = cursor.Seek([RowKeys.ReclaimPrefix]);
            for (; more && found.Count < ReclaimsPerRoundMax; more = cursor.MoveNext())
            {
                if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ReclaimPrefix)) break;
                found.Add(RowKeys.FirstNumber(cursor.Key));
            }
        }

        foreach (var number in found)
        {
            if (_stopping.IsCancellationRequested || await ReclaimAsync(number) != FileStatus.Ok) return;
        }
    }

    [LoggerMessage(EventId = 3002, Level = LogLevel.Error, Message = "Background work of the file system failed")]
    private static partial void LogBackgroundFailed(ILogger logger, Exception exception);
}
