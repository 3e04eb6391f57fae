using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links.Tls;

/// <summary>The peers of the links that are open, to be looked at again. Their number is bounded by that of the links.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class TlsPeers(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Entry> _open = [];

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
        var entry = new Entry(this, peer, stream, abort);
        lock (_gate) _open.Add(entry);
        return entry;
    }

    /// <summary>Ends the links with all that are not believed any more.</summary>
    /// <param name="certificates">By which they are believed.</param>
    /// <param name="all">Look at all of them; else only at those whose time has ended.</param>
    /// <param name="now">The time.</param>
    public void EndRefused(LinkCertificates certificates, bool all, DateTimeOffset now)
    {
        Entry[] entries;
        lock (_gate) entries = [.. _open.Where(entry => all || entry.Peer.Expires < now)];
        foreach (var entry in entries) EndIfRefused(entry, certificates, now);
    }

    public void EndIfRefused(Entry entry, LinkCertificates certificates, DateTimeOffset now)
    {
        if (entry.Peer.WhyRefused(certificates, now) is not { } cause) return;
        Log.PeerNoLongerBelieved(logger, entry.Peer.Identity, cause);
        entry.Abort();
    }

    /// <summary>One open link; disposed with its transport.</summary>
    internal sealed class Entry(TlsPeers owner, PeerCredentials peer, IDisposable stream, Action abort) : IDisposable
    {
        public PeerCredentials Peer { get; } = peer;

        public void Abort() => abort();

        public void Dispose()
        {
            lock (owner._gate) owner._open.Remove(this);
            stream.Dispose();
        }
    }
}
