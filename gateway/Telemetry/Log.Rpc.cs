using System.Net;
using Microsoft.Extensions.Logging;

namespace Gateway.Telemetry;

// Log messages of the RPC server: event ids 1000 to 1099.
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Debug, "Connection {Connection} from {Address}:{Port} opened.")]
    public static partial void RpcConnectionOpened(this ILogger logger, long connection, IPAddress address, int port);

    [LoggerMessage(1001, LogLevel.Debug, "Connection {Connection} ended.")]
    public static partial void RpcConnectionEnded(this ILogger logger, long connection);

    [LoggerMessage(1002, LogLevel.Debug, "Connection {Connection} from {Address} broke the protocol: {Reason}")]
    public static partial void RpcViolation(this ILogger logger, long connection, IPAddress address, string reason);

    [LoggerMessage(1003, LogLevel.Warning, "Connection from {Address} refused: {Maximum} connections are open.")]
    public static partial void RpcConnectionRefused(this ILogger logger, IPAddress address, int maximum);

    [LoggerMessage(1004, LogLevel.Error, "Program {Program} version {Version} procedure {Procedure} failed.")]
    public static partial void RpcCallFailed(
        this ILogger logger, Exception error, uint program, uint version, uint procedure);

    [LoggerMessage(1005, LogLevel.Information, "Connection {Connection} from {Address} closed: {Reason}")]
    public static partial void RpcConnectionStalled(
        this ILogger logger, long connection, IPAddress address, string reason);
}
