using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links.Tls;

/// <summary>The peers of the links that are open, to be looked at again. Their number is bounded by that of the links.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class TlsPeers(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Entry> _open = [];
    private long _opened;

    public int Count
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <param name="peer">Who.</param>
    /// <param name="stream">Disposed with the entry.</param>
    /// <param name="abort">Closes the connection, from any thread.</param>
    public Entry Add(PeerCredentials peer, IDisposable stream, Action abort)
    {
        lock (_gate)
        {
            var entry = new Entry(this, ++_opened, peer, stream, abort);
            _open.Add(entry);
            return entry;
        }
    }

    /// <summary>One for each peer, of the latest of its links: one that was opened before shows what may have been renewed.</summary>
    public IReadOnlyList<CertificateTerm> Terms()
    {
        lock (_gate) return [.. _open.GroupBy(entry => entry.Peer.Identity).Select(links => links.MaxBy(entry => entry.Number)!.Peer.Term)];
    }

    /// <summary>Ends the links with all that are not believed any more.</summary>
    /// <param name="certificates">By which they are believed.</param>
    /// <param name="all">Look at all of them; else only at those whose time has ended.</param>
    /// <param name="now">The time.</param>
    public void EndRefused(LinkCertificates certificates, bool all, DateTimeOffset now)
    {
        Entry[] entries;
        lock (_gate) entries = [.. _open.Where(entry => all || entry.Peer.Term.Expires < now)];
        foreach (var entry in entries) EndIfRefused(entry, certificates, now);
    }

    public void EndIfRefused(Entry entry, LinkCertificates certificates, DateTimeOffset now)
    {
        if (entry.Peer.WhyRefused(certificates, now) is not { } cause) return;
        Log.PeerNoLongerBelieved(logger, entry.Peer.Identity, cause);
        entry.Abort();
    }

    /// <summary>One open link; disposed with its transport.</summary>
    internal sealed class Entry(TlsPeers owner, long number, PeerCredentials peer, IDisposable stream, Action abort) : IDisposable
    {
        /// <summary>Those that were opened later have higher ones.</summary>
        public long Number { get; } = number;

        public PeerCredentials Peer { get; } = peer;

        public void Abort() => abort();

        public void Dispose()
        {
            lock (owner._gate) owner._open.Remove(this);
            stream.Dispose();
        }
    }
}
