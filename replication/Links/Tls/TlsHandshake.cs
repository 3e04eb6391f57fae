using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links.Tls;

/// <summary>One handshake: TLS 1.3, both sides show a certificate, sessions are not resumed.</summary>
/// <param name="certificates">Ours, and whom we believe.</param>
/// <param name="peer">What the other side must be: its role is the other one of the two.</param>
/// <param name="name">Name that it must have; any when null.</param>
/// <param name="now">The time of the check.</param>
internal sealed class TlsHandshake(LinkCertificates certificates, LinkRole peer, string? name, DateTimeOffset now)
{
    private string? _cause;
    private PeerCredentials? _credentials;

    /// <summary>Closes the connection when it fails.</summary>
    /// <exception cref="LinkRefusedException">The peer's certificate is not believed.</exception>
    /// <exception cref="IOException">There is no TLS with it.</exception>
    public async Task<(SslStream Stream, PeerCredentials Peer)> RunAsync(Stream connection, CancellationToken cancellation)
    {
        var stream = new SslStream(connection, leaveInnerStreamOpen: false);
        try
        {
            await (peer == LinkRole.Node
                ? stream.AuthenticateAsClientAsync(ClientOptions(), cancellation)
                : stream.AuthenticateAsServerAsync(ServerOptions(), cancellation));
            return (stream, _credentials!);
        }
        catch (AuthenticationException error)
        {
            await stream.DisposeAsync();
            throw _cause is { } cause
                ? new LinkRefusedException(LinkRefusal.Certificate, cause)
                : new IOException($"no TLS with the peer: {error.GetBaseException().Message}", error);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private SslClientAuthenticationOptions ClientOptions() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ClientCertificateContext = certificates.Context,
        CertificateChainPolicy = certificates.PolicyFor(peer, now),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => Believes(certificate, chain),
        AllowTlsResume = false,
    };

    private SslServerAuthenticationOptions ServerOptions() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13,
        ServerCertificateContext = certificates.Context,
        ClientCertificateRequired = true,
        CertificateChainPolicy = certificates.PolicyFor(peer, now),
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => Believes(certificate, chain),
        AllowTlsResume = false,
    };

    // The errors that TLS itself has found say nothing more: they are of the same policy, and of the name of a host, which a
    // node's certificate does not have.
    private bool Believes(X509Certificate? shown, X509Chain? chain)
    {
        if (shown is not X509Certificate2 certificate)
        {
            _cause = "it has shown none";
            return false;
        }

        var others = chain?.ChainPolicy.ExtraStore ?? [];
        _cause = certificates.WhyRefused(certificate, others, peer, name, now);
        if (_cause is not null) return false;
        _credentials = PeerCredentials.Copy(certificate, others, peer, name);
        return true;
    }
}
