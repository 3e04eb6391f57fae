namespace Gateway.Nfs.Exports;

/// <summary>The configured exports make no sense; the message is for the person who wrote them.</summary>
internal sealed class ExportException(string message) : Exception(message);
