using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Store;

internal static partial class StoreLog
{
    [LoggerMessage(4001, LogLevel.Information, "Checkpoint at entry {Index}: {Rows} rows in {Bytes} bytes.")]
    public static partial void CheckpointWritten(ILogger logger, ulong index, long rows, long bytes);

    [LoggerMessage(
        4002, LogLevel.Warning, "No checkpoint could be written: {Outcome}. The journal grows until one is.")]
    public static partial void CheckpointFailed(ILogger logger, StoreOutcome outcome);

    [LoggerMessage(4003, LogLevel.Error, "The volume stops: its sequencer failed.")]
    public static partial void SequencerFailed(ILogger logger, Exception failure);
}
