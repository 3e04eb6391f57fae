using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Critical, "The owner of epoch {Epoch} failed; nothing more is served.")]
    public static partial void OwnerFailed(ILogger logger, ulong epoch, Exception failure);

    [LoggerMessage(3102, LogLevel.Warning, "The owner of epoch {Epoch} stopped: {Reason}.")]
    public static partial void OwnerStopped(ILogger logger, ulong epoch, OwnerStopReason reason);

    [LoggerMessage(3104, LogLevel.Information,
        "Node {Node} is level: nothing is owed to it any more ({Slices} slices copied so far).")]
    public static partial void Healed(ILogger logger, string node, long slices);

    [LoggerMessage(3105, LogLevel.Warning, "Scrub found slice {Slice} damaged on node {Node}; it will be repaired.")]
    public static partial void ScrubFound(ILogger logger, string node, SliceId slice);

    [LoggerMessage(3106, LogLevel.Information, "Volume {Volume} is new: its nodes were admitted.")]
    public static partial void VolumeCreated(ILogger logger, string volume);

    [LoggerMessage(3107, LogLevel.Warning,
        "Node {Node} has another copy than the one recorded ({Incarnation:x16}): it is admitted as emptied "
        + "and will be filled.")]
    public static partial void MemberReplaced(ILogger logger, string node, ulong incarnation);

    [LoggerMessage(3108, LogLevel.Warning,
        "The rows are older than the journal reaches: they are rebuilt from the checkpoint at index {Index}.")]
    public static partial void Rebuilding(ILogger logger, ulong index);

    [LoggerMessage(3109, LogLevel.Error, "The control record of volume {Volume} could not be changed: {Cause}.")]
    public static partial void ControlFailed(ILogger logger, string volume, string cause);

    [LoggerMessage(3110, LogLevel.Critical, "A background task of volume {Volume} failed.")]
    public static partial void BackgroundFailed(ILogger logger, string volume, Exception failure);

    [LoggerMessage(3111, LogLevel.Information, "Volume {Volume}: ownership released, cleanly: {Clean}.")]
    public static partial void Released(ILogger logger, string volume, bool clean);

    [LoggerMessage(3112, LogLevel.Information, "No slice rides in the journal any more: enough data nodes have all of them.")]
    public static partial void SpillDrained(ILogger logger);

    [LoggerMessage(3120, LogLevel.Information, "Volume {Volume}: its members are changing to {Members}.")]
    public static partial void MembersChanging(ILogger logger, string volume, string members);

    [LoggerMessage(3121, LogLevel.Information, "Volume {Volume}: its members are {Members} now.")]
    public static partial void MembersChanged(ILogger logger, string volume, string members);

    [LoggerMessage(3122, LogLevel.Information, "Node {Node} has left and deletes its copy.")]
    public static partial void MemberRetired(ILogger logger, string node);

    [LoggerMessage(3123, LogLevel.Warning,
        "Node {Node} has left and could not be told: its directory may be deleted, or it may join again.")]
    public static partial void MemberNotTold(ILogger logger, string node);
}
