using System.Net;
using Gateway.Smb.Authentication;
using Microsoft.Extensions.Logging;

namespace Gateway.Telemetry;

// Log messages of log-ons: event ids 1300 to 1319.
internal static partial class Log
{
    [LoggerMessage(1300, LogLevel.Debug, "User {User} logged on from {Address}.")]
    public static partial void LoggedOn(this ILogger logger, string user, IPAddress address);

    [LoggerMessage(1301, LogLevel.Warning, "Log-on of user {User} from {Address} failed: {Cause}.")]
    public static partial void LogonFailed(this ILogger logger, string user, IPAddress address, LogonFailure cause);

    [LoggerMessage(1302, LogLevel.Warning, "Log-on from {Address} refused: {Cause}.")]
    public static partial void LogonRefused(this ILogger logger, IPAddress address, LogonFailure cause);

    [LoggerMessage(1303, LogLevel.Error, "The users cannot be read.")]
    public static partial void UsersUnavailable(this ILogger logger, Exception error);

    [LoggerMessage(1304, LogLevel.Error, "The password of user {User} was stored with another cluster's secret: set it again.")]
    public static partial void SecretUnreadable(this ILogger logger, string user);

    [LoggerMessage(1305, LogLevel.Information, "User {User} was changed, disabled or removed: {Sessions} sessions ended.")]
    public static partial void SessionsRevoked(this ILogger logger, string user, int sessions);

    [LoggerMessage(1306, LogLevel.Error, "Opens of user {User} could not be closed with their session.")]
    public static partial void SessionEndFailed(this ILogger logger, Exception error, string user);
}
