using Gateway.Replication.Links.Tls;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>The certificate that a process shows at its links, checked at its start.</summary>
internal static class LinkCredentials
{
    /// <inheritdoc cref="LinkTls.Open"/>
    /// <exception cref="StartException">It cannot be used, or is somebody else's.</exception>
    public static LinkTls Open(
        LinkFiles files, LinkRole role, string? name, Guid? cluster, TimeProvider time, ILoggerFactory loggers)
    {
        try
        {
            return LinkTls.Open(files, role, name, cluster, time, loggers.CreateLogger<LinkTls>());
        }
        catch (CertificateException error)
        {
            throw new StartException(error.Message, error);
        }
    }
}
