using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Nodes;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information,
        "Node {Node} is incarnation {Incarnation:x16} of {Directory}: journal {FirstIndex} to {LastIndex}, {Slices} slices.")]
    public static partial void Opened(
        ILogger logger, string node, ulong incarnation, string directory, ulong firstIndex, ulong lastIndex, long slices);

    [LoggerMessage(4002, LogLevel.Warning,
        "Node {Node} found damage at start: {Entries} journal entries, {Slices} slices. Peers will repair it.")]
    public static partial void Damage(ILogger logger, string node, int entries, int slices);

    [LoggerMessage(4003, LogLevel.Error, "Node {Node} stops: its disk failed or an invariant broke.")]
    public static partial void Failed(ILogger logger, string node, Exception failure);

    [LoggerMessage(4004, LogLevel.Warning, "A journal flush took {Seconds:F1} s.")]
    public static partial void SlowFlush(ILogger logger, double seconds);

    [LoggerMessage(4005, LogLevel.Error, "Request refused to protect an invariant (alarm {Alarms}): {Reason}")]
    public static partial void Alarm(ILogger logger, int alarms, string? reason);

    [LoggerMessage(4006, LogLevel.Warning, "Node {Node} starts with a suspect disk: a flush failed in the process before.")]
    public static partial void Suspect(ILogger logger, string node);

    [LoggerMessage(4008, LogLevel.Error, "Node {Node} cannot open its copy again: {Reason}")]
    public static partial void ReopenFailed(ILogger logger, string node, string reason);

    [LoggerMessage(4009, LogLevel.Critical, "Node {Node} serves this copy no more: {Reason}")]
    public static partial void DeviceFailed(ILogger logger, string node, string reason);

    [LoggerMessage(4010, LogLevel.Error, "Node {Node} cannot open a copy of volume {Volume}: {Reason}")]
    public static partial void VolumeUnusable(ILogger logger, string node, Guid volume, string reason);

    [LoggerMessage(4012, LogLevel.Information, "Node {Node} has left volume {Volume}; its copy is deleted.")]
    public static partial void CopyDeleted(ILogger logger, string node, Guid volume);

    [LoggerMessage(4013, LogLevel.Warning, "Node {Node} has left volume {Volume}, and its copy cannot be deleted: {Reason}")]
    public static partial void CopyNotDeleted(ILogger logger, string node, Guid volume, string reason);

    [LoggerMessage(4007, LogLevel.Warning, "The disk of node {Node} has no room for another journal segment.")]
    public static partial void Full(ILogger logger, string node);
}
