namespace Gateway.Hosting;

/// <summary>The process cannot start for a reason its user can mend: a port in use, a directory that is locked.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
