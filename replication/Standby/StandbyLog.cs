using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

internal static partial class StandbyLog
{
    [LoggerMessage(3201, LogLevel.Error, "Volume {Volume}: the rows are built anew, they were wrong. {Cause}")]
    public static partial void Diverged(ILogger logger, string volume, string cause);

    [LoggerMessage(3202, LogLevel.Warning, "Volume {Volume}: the rows are too old, and are not rebuilt yet. {Cause}")]
    public static partial void NotRestored(ILogger logger, string volume, string cause);

    [LoggerMessage(3203, LogLevel.Information, "Volume {Volume}: standing by.")]
    public static partial void StandingBy(ILogger logger, string volume);

    [LoggerMessage(3204, LogLevel.Information, "Volume {Volume}: taking it after epoch {Epoch} ({Cause}).")]
    public static partial void Taking(ILogger logger, string volume, ulong epoch, TakeoverCause cause);

    [LoggerMessage(3205, LogLevel.Warning, "Volume {Volume}: not taken. {Reason}")]
    public static partial void NotTaken(ILogger logger, string volume, string reason);

    [LoggerMessage(3212, LogLevel.Critical, "Volume {Volume} needs a person. {Reason}")]
    public static partial void NeedsPerson(ILogger logger, string volume, string reason);

    [LoggerMessage(3206, LogLevel.Information,
        "Volume {Volume}: owned in epoch {Epoch}; {Cause}. In milliseconds: detect {Detect}, record {Record}, "
        + "fence {Fence}, fetch {Fetch}, establish {Establish}, old lease {Lease}, serve {Serve}, together {Total}.")]
    public static partial void Owned(
        ILogger logger, string volume, ulong epoch, TakeoverCause cause, long detect, long record, long fence, long fetch,
        long establish, long lease, long serve, long total);

    [LoggerMessage(3207, LogLevel.Warning, "Volume {Volume}: epoch {Epoch} is over for this gateway ({Reason}).")]
    public static partial void Lost(ILogger logger, string volume, ulong epoch, ServerStop reason);

    [LoggerMessage(3208, LogLevel.Information,
        "Volume {Volume}: handed over to {Gateway}, cleanly: {Clean}; {Milliseconds} ms since the request.")]
    public static partial void HandedOver(ILogger logger, string volume, string gateway, bool clean, long milliseconds);

    [LoggerMessage(3209, LogLevel.Warning, "The control plane does not answer: {Cause}.")]
    public static partial void ControlAway(ILogger logger, string cause);

    [LoggerMessage(3210, LogLevel.Critical, "Volume {Volume}: this gateway cannot stand by: trying again.")]
    public static partial void Failed(ILogger logger, string volume, Exception failure);

    [LoggerMessage(3211, LogLevel.Critical, "Volume {Volume}: its server failed.")]
    public static partial void ServerFailed(ILogger logger, string volume, Exception failure);
}
