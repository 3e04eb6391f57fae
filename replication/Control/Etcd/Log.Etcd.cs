using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

internal static partial class Log
{
    [LoggerMessage(3501, LogLevel.Warning, "etcd at {Member} is passed over: {Cause}.")]
    public static partial void MemberPassedOver(ILogger logger, Uri member, string cause);

    [LoggerMessage(3506, LogLevel.Information, "etcd at {Member} answers again.")]
    public static partial void MemberAnswers(ILogger logger, Uri member);

    [LoggerMessage(3502, LogLevel.Debug, "The watch of {Prefix} broke and is begun anew: {Cause}.")]
    public static partial void WatchBroke(ILogger logger, string prefix, string cause);

    [LoggerMessage(3503, LogLevel.Information, "The presence {Key} could not be renewed: {Cause}.")]
    public static partial void RenewalFailed(ILogger logger, string key, string cause);

    [LoggerMessage(3504, LogLevel.Warning, "The presence {Key} is lost: {Cause}.")]
    public static partial void PresenceLost(ILogger logger, string key, string cause);

    [LoggerMessage(3505, LogLevel.Information, "The presence {Key} could not be withdrawn, and goes by itself: {Cause}.")]
    public static partial void WithdrawalFailed(ILogger logger, string key, string cause);
}
