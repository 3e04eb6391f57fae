namespace Gateway.Replication.Nodes;

/// <summary>A node cannot start, for a reason that a person can understand and change. One line.</summary>
public class NodeStartException(string message, Exception? inner = null) : Exception(message, inner);
