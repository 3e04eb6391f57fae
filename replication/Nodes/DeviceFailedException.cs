namespace Gateway.Replication.Nodes;

/// <summary>
/// The node's device failed twice within a day: nothing is read from it or written to it any more. The process should
/// serve a <see cref="FailedNode"/>, so that status tells it.
/// </summary>
public sealed class DeviceFailedException(string message) : NodeStartException(message);
