using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

// Log messages of the cluster's records: event ids 100 to 119.
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Warning, "Waiting for the control plane: {Cause}")]
    public static partial void WaitsForControlPlane(ILogger logger, string cause);

    [LoggerMessage(101, LogLevel.Information, "The control plane answers.")]
    public static partial void ControlPlaneAnswers(ILogger logger);

    [LoggerMessage(102, LogLevel.Information, "Registered as node {Node} at {Address}.")]
    public static partial void NodeRegistered(ILogger logger, string node, string address);

    [LoggerMessage(103, LogLevel.Warning, "Node {Node} was registered at {Before} and is at {Address} now.")]
    public static partial void NodeMoved(ILogger logger, string node, string before, string address);

    [LoggerMessage(104, LogLevel.Warning, "Waiting for nodes of volume {Volume}: {Present} of {Wanted} are registered ({Missing}).")]
    public static partial void WaitsForNodes(ILogger logger, string volume, int present, int wanted, string missing);

    [LoggerMessage(105, LogLevel.Information, "Announced as gateway {Gateway}.")]
    public static partial void Announced(ILogger logger, string gateway);

    [LoggerMessage(106, LogLevel.Warning, "Not announced as gateway {Gateway}: {Cause}")]
    public static partial void NotAnnounced(ILogger logger, string gateway, string cause);

    [LoggerMessage(107, LogLevel.Information, "What is served comes from the control plane: {Kinds}.")]
    public static partial void ServesWhatControlPlaneSays(ILogger logger, string kinds);

    [LoggerMessage(108, LogLevel.Warning, "Changes of {Prefix} in the control plane are not heard of for now: {Cause}")]
    public static partial void NotHeardOf(ILogger logger, string prefix, string cause);

    [LoggerMessage(109, LogLevel.Information, "Node {Node} is at {Address} from now on; lost links to {Before} are opened there.")]
    public static partial void NodeIsElsewhere(ILogger logger, string node, string address, string before);

    [LoggerMessage(110, LogLevel.Error, "What was read before stays: {Cause}")]
    public static partial void RecordNotFollowed(ILogger logger, string cause);

    [LoggerMessage(111, LogLevel.Information, "What counts from now on: {Kind} {What}, as {Source} says it.")]
    public static partial void Follows(ILogger logger, string kind, string what, string source);

    [LoggerMessage(112, LogLevel.Error, "Waits for the node as if it had not registered: {Cause}")]
    public static partial void NodeNotRead(ILogger logger, string cause);
}
