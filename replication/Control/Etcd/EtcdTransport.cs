using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Replication.Control.Etcd;

/// <summary>Connections to etcd: HTTP/2, over TLS for <c>https</c>.</summary>
internal static class EtcdTransport
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(1);

    /// <summary>etcd closes connections that ask more often than every five seconds.</summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    /// <exception cref="ControlPlaneException">A file cannot be read, or is no certificate or key.</exception>
    public static SslClientAuthenticationOptions ReadCertificates(EtcdOptions options)
    {
        // Names are checked by default.
        var tls = new SslClientAuthenticationOptions();
        if (options.AuthorityFile is { } authorities) tls.CertificateChainPolicy = Trusting(authorities);
        if (options.CertificateFile is { } file)
        {
            var (certificate, others) = Read(file, () => ReadOwn(file, options.KeyFile ?? file));
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, others, offline: true);
        }

        return tls;
    }

    public static SocketsHttpHandler Connect(SslClientAuthenticationOptions tls) => new()
    {
        SslOptions = tls,
        ConnectTimeout = ConnectTimeout,

        // A member that hangs, or whose machine is gone, closes nothing: a watch would wait for ever.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
    };

    // Revocation lists are not fetched: a control plane must not depend on a web server.
    private static X509ChainPolicy Trusting(string file)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        Read(file, () =>
        {
            policy.CustomTrustStore.ImportFromPemFile(file);
            return policy.CustomTrustStore.Count > 0 ? file : throw new CryptographicException("there is no certificate in it");
        });
        return policy;
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Others) ReadOwn(string file, string keyFile)
    {
        var others = new X509Certificate2Collection();
        others.ImportFromPemFile(file);
        return (X509Certificate2.CreateFromPemFile(file, keyFile), others);
    }

    private static T Read<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error
            is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new ControlPlaneException($"{file}: {error.Message}", error);
        }
    }
}
