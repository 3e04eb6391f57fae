using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links.Tls;

// Log messages of certificates: event ids 3020 to 3039.
internal static partial class Log
{
    [LoggerMessage(3020, LogLevel.Information, "The certificate of {Identity} was read again, and is valid until {Expires:u}.")]
    public static partial void CertificatesRead(ILogger logger, LinkIdentity identity, DateTimeOffset expires);

    [LoggerMessage(3021, LogLevel.Error, "The certificates have changed and cannot be used; those read before stay: {Cause}")]
    public static partial void CertificatesNotRead(ILogger logger, string cause);

    [LoggerMessage(3022, LogLevel.Warning, "The certificate of {Identity} ends at {Expires:u}: renew it.")]
    public static partial void CertificateEndsSoon(ILogger logger, LinkIdentity identity, DateTimeOffset expires);

    [LoggerMessage(3023, LogLevel.Error, "The certificate of {Identity} has ended at {Expires:u}: nobody believes it any more.")]
    public static partial void CertificateHasEnded(ILogger logger, LinkIdentity identity, DateTimeOffset expires);

    [LoggerMessage(3024, LogLevel.Warning, "The link with {Identity} is closed, its certificate is no longer believed: {Cause}.")]
    public static partial void PeerNoLongerBelieved(ILogger logger, LinkIdentity identity, string cause);
}
