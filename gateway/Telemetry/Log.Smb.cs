using System.Net;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Microsoft.Extensions.Logging;

namespace Gateway.Telemetry;

// Log messages of the SMB server: event ids 1200 to 1249.
internal static partial class Log
{
    [LoggerMessage(1200, LogLevel.Debug, "SMB connection {Connection} from {Address} opened.")]
    public static partial void SmbConnectionOpened(this ILogger logger, long connection, IPEndPoint address);

    [LoggerMessage(1201, LogLevel.Debug, "SMB connection {Connection} ended.")]
    public static partial void SmbConnectionEnded(this ILogger logger, long connection);

    [LoggerMessage(1202, LogLevel.Debug, "SMB connection {Connection} from {Address} broke the protocol: {Reason}")]
    public static partial void SmbViolation(this ILogger logger, long connection, IPEndPoint address, string reason);

    [LoggerMessage(1203, LogLevel.Warning, "SMB connection from {Address} refused: too many are open.")]
    public static partial void SmbConnectionRefused(this ILogger logger, IPAddress address);

    [LoggerMessage(1204, LogLevel.Error, "SMB command {Command} failed.")]
    public static partial void SmbCommandFailed(this ILogger logger, Exception error, Smb2Command command);

    [LoggerMessage(1205, LogLevel.Error, "SMB connection {Connection} was given up.")]
    public static partial void SmbConnectionFailed(this ILogger logger, Exception error, long connection);

    [LoggerMessage(1206, LogLevel.Debug, "SMB connection {Connection} from {Address} closed: {Reason}")]
    public static partial void SmbConnectionStalled(this ILogger logger, long connection, IPEndPoint address, string reason);

    [LoggerMessage(1208, LogLevel.Trace, "SMB connection {Connection}: message {Message} {Command} answered with {Status}.")]
    public static partial void SmbAnswered(this ILogger logger, long connection, ulong message, Smb2Command command, NtStatus status);

    [LoggerMessage(1207, LogLevel.Warning, "SMB connection {Connection} from {Address}: a request was refused: {Cause}.")]
    public static partial void SmbRefused(this ILogger logger, long connection, IPAddress address, SmbRefusal cause);

    [LoggerMessage(1209, LogLevel.Error, "Opens by {Shares} could not be closed when that was no longer shared.")]
    public static partial void ShareEndFailed(this ILogger logger, Exception error, string shares);
}
