using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

// Log messages of processes: event ids 1 to 99.
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Starting {Role}: data {Directory}, listening on {Listen}.")]
    public static partial void Starting(ILogger logger, string role, string directory, string listen);

    [LoggerMessage(2, LogLevel.Information, "Serving after {Milliseconds} ms.")]
    public static partial void Serving(ILogger logger, long milliseconds);

    [LoggerMessage(3, LogLevel.Information, "Stopping.")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "Stopped after {Milliseconds} ms.")]
    public static partial void Stopped(ILogger logger, long milliseconds);

    [LoggerMessage(5, LogLevel.Warning, "Not everything written could be flushed before the end: {Status}.")]
    public static partial void FlushIncomplete(ILogger logger, string status);

    [LoggerMessage(
        10, LogLevel.Warning, "FSCTL_SMBTORTURE is offered: clients can make this server behave as no server should. Only for tests.")]
    public static partial void OffersTestControls(ILogger logger);

    [LoggerMessage(7, LogLevel.Critical, "The volume is no longer served: {Reason}.")]
    public static partial void VolumeStopped(ILogger logger, string reason);

    [LoggerMessage(8, LogLevel.Critical, "The node's disk failed: {Reason}")]
    public static partial void NodeFailed(ILogger logger, string reason);

    [LoggerMessage(
        9, LogLevel.Warning,
        "Node {Node} of volume {Volume} is {Role}, and stays so whatever the settings say; a change of members changes that.")]
    public static partial void OtherRole(ILogger logger, string node, string volume, string role);

    [LoggerMessage(11, LogLevel.Information, "Served for practice, in {Milliseconds} ms.")]
    public static partial void Rehearsed(ILogger logger, long milliseconds);

    [LoggerMessage(12, LogLevel.Warning, "The first takeover will take longer: it could not be practised. {Cause}")]
    public static partial void NotRehearsed(ILogger logger, string cause);
}
