using System.Net;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning,
        "A link from {Peer} was refused: {Reason}. Further ones of this kind are not logged.")]
    public static partial void Refused(ILogger logger, IPAddress? peer, string reason);

    [LoggerMessage(3002, LogLevel.Warning, "The link from {Peer} was closed, it sent {Violation}.")]
    public static partial void Violation(ILogger logger, EndPoint? peer, string violation);

    [LoggerMessage(3003, LogLevel.Debug, "The link from {Peer} ended: {Cause}.")]
    public static partial void Closed(ILogger logger, EndPoint? peer, string cause);

    [LoggerMessage(3004, LogLevel.Information, "The link to node {Node} is up, incarnation {Incarnation:x16}.")]
    public static partial void Up(ILogger logger, string node, ulong incarnation);

    [LoggerMessage(3005, LogLevel.Warning, "The link to node {Node} is down: {Cause}.")]
    public static partial void Down(ILogger logger, string node, string cause);

    [LoggerMessage(3006, LogLevel.Error, "Node {Node} and this process refuse each other: {Reason}.")]
    public static partial void RefusedByNode(ILogger logger, string node, string reason);

    [LoggerMessage(3007, LogLevel.Error, "The link from {Peer} was closed: the node failed.")]
    public static partial void Broken(ILogger logger, EndPoint? peer, Exception failure);
}
