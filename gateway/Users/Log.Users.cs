using Microsoft.Extensions.Logging;

namespace Gateway.Users;

// Log messages of users: event id 120.
internal static partial class Log
{
    [LoggerMessage(120, LogLevel.Information, "Changes of users are not heard of for now: {Cause}")]
    public static partial void UsersNotHeardOf(ILogger logger, string cause);
}
