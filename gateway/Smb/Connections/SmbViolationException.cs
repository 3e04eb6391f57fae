namespace Gateway.Smb.Connections;

/// <summary>The peer does what no client does: the connection is closed. The message says what.</summary>
internal sealed class SmbViolationException(string message) : Exception(message);
