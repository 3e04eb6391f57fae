namespace Gateway.Replication.Wire;

/// <summary>
/// The peer of a node link sent what the protocol forbids; the link is closed and nothing else happens.
/// </summary>
public sealed class WireViolationException(string message) : Exception(message);
