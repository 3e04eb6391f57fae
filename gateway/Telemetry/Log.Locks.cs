using System.Net;
using Gateway.Protocol.Nlm4;
using Microsoft.Extensions.Logging;

namespace Gateway.Telemetry;

// Log messages of the lock manager and the status monitor: event ids 1150 to 1199.
internal static partial class Log
{
    [LoggerMessage(1150, LogLevel.Information, "Client {Name} at {Address} has restarted or given up: its locks are free.")]
    public static partial void LocksOfClientFreed(this ILogger logger, IPAddress address, string name);

    [LoggerMessage(1151, LogLevel.Warning, "Too many hosts hold locks: those of {Name} at {Address} will outlive its restart.")]
    public static partial void LockClientNotMonitored(this ILogger logger, IPAddress address, string name);

    [LoggerMessage(
        1152, LogLevel.Warning, "Client {Address} does not take a lock it waited for: {Reason}. The lock stays held: {Kept}.")]
    public static partial void GrantUndeliverable(this ILogger logger, IPAddress address, string reason, bool kept);

    [LoggerMessage(1153, LogLevel.Debug, "Client {Address} was told of its lock; it answered {Status}.")]
    public static partial void GrantDelivered(
        this ILogger logger, IPAddress address, Nlm4Status status);

    [LoggerMessage(1154, LogLevel.Debug, "A message to the lock manager of {Address} could not be sent: {Reason}")]
    public static partial void LockMessageLost(this ILogger logger, IPAddress address, string reason);
}
