using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links.Tls;

/// <summary>
/// Links over TLS 1.3 with certificates of both sides. The files are looked at again every few seconds: links that are
/// opened later use what is in them then, and links whose peer would no longer be believed end.
/// </summary>
/// <remarks>
/// Any thread. A link stays open for as long as its peer's certificate would be accepted anew: a renewed certificate closes
/// nothing, an authority that is taken out of the file closes what it vouched for, and so does the end of a certificate.
/// </remarks>
public sealed class LinkTls : IAsyncDisposable
{
    /// <summary>How often the files are looked at. A change counts from the second look that finds it the same.</summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(5);

    private readonly LinkFileWatch _files;
    private readonly TlsPeers _peers;
    private readonly TimeProvider _time;
    private readonly PeriodicTimer _timer;
    private readonly Task _checking;
    private volatile LinkCertificates _current;

    private LinkTls(LinkFileWatch files, LinkCertificates first, TimeProvider time, ILogger logger)
    {
        (_files, _current, _time) = (files, first, time);
        _peers = new TlsPeers(logger);
        _timer = new PeriodicTimer(CheckInterval, time);
        _checking = CheckForEverAsync();
    }

    /// <summary>Who this process is, by its certificate.</summary>
    public LinkIdentity Identity => _current.Own;

    /// <summary>For how long the certificate is valid that it shows now.</summary>
    public CertificateTerm Term => _current.Term;

    /// <summary>When its certificate ends.</summary>
    public DateTimeOffset Expires => _current.Term.Expires;

    /// <summary>The certificates of those that links are open with, each as it was shown at the latest of its links.</summary>
    public IReadOnlyList<CertificateTerm> PeerTerms => _peers.Terms();

    internal int PeersOpen => _peers.Count;

    /// <param name="files">Where the certificate is.</param>
    /// <param name="role">What this process is.</param>
    /// <param name="name">Its name; any when null.</param>
    /// <param name="cluster">Its cluster; any when null.</param>
    /// <param name="time">For validity, and the next look at the files.</param>
    /// <param name="logger">For what happens.</param>
    /// <exception cref="CertificateException">The files cannot be used, or are somebody else's.</exception>
    public static LinkTls Open(LinkFiles files, LinkRole role, string? name, Guid? cluster, TimeProvider time, ILogger logger)
    {
        var watch = new LinkFileWatch(files, logger);
        var first = watch.ReadFirst(time.GetUtcNow());
        var expected = new LinkIdentity(cluster ?? first.Own.Cluster, role, name ?? first.Own.Name);
        return first.Own == expected
            ? new LinkTls(watch, first, time, logger)
            : throw new CertificateException($"{files.Certificate}: it is for {first.Own}, and this is {expected}");
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _checking;
    }

    /// <summary>The gateway's side: to one node, and no other.</summary>
    /// <param name="connection">Connected; closed with the link, or when there is none.</param>
    /// <param name="node">Name that its certificate must be for.</param>
    /// <param name="outboxBytesMax">Heads that may wait for the node.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LinkRefusedException">The node's certificate is not believed.</exception>
    /// <exception cref="IOException">There is no TLS with it.</exception>
    internal Task<IFrameTransport> ConnectAsync(
        Stream connection, string node, int outboxBytesMax, CancellationToken cancellation) =>
        OpenAsync(connection, LinkRole.Node, node, connection.Dispose, outboxBytesMax, cancellation);

    /// <summary>The node's side: from any gateway.</summary>
    /// <param name="connection">Where a TLS handshake begins.</param>
    /// <param name="abort">Closes the connection, from any thread.</param>
    /// <param name="outboxBytesMax">Heads that may wait for the gateway.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="LinkRefusedException">The gateway's certificate is not believed, or it has none.</exception>
    /// <exception cref="IOException">There is no TLS with it.</exception>
    internal Task<IFrameTransport> AcceptAsync(
        Stream connection, Action abort, int outboxBytesMax, CancellationToken cancellation) =>
        OpenAsync(connection, LinkRole.Gateway, null, abort, outboxBytesMax, cancellation);

    /// <summary>Looks at the files and at the peers, once.</summary>
    internal void Check()
    {
        var now = _time.GetUtcNow();
        var renewed = _files.TryReadChange(_current, now);
        if (renewed is not null) _current = renewed;
        _files.WarnOfEnd(_current.Term, now);
        _peers.EndRefused(_current, renewed is not null, now);
    }

    private async Task CheckForEverAsync()
    {
        while (await _timer.WaitForNextTickAsync()) Check();
    }

    private async Task<IFrameTransport> OpenAsync(
        Stream connection, LinkRole peer, string? name, Action abort, int outboxBytesMax, CancellationToken cancellation)
    {
        var certificates = _current;
        var now = _time.GetUtcNow();
        var (stream, credentials) = await new TlsHandshake(certificates, peer, name, now).RunAsync(connection, cancellation);
        var entry = _peers.Add(credentials, stream, abort);

        // What was read meanwhile may not believe it any more.
        if (!ReferenceEquals(_current, certificates)) _peers.EndIfRefused(entry, _current, now);
        return new StreamTransport(stream, stream, outboxBytesMax, entry);
    }
}
