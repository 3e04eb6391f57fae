using System.Net;

namespace Gateway.Addresses;

/// <summary>What service addresses need of the host's network. Any thread; the tests have one of their own.</summary>
internal interface IHostNetwork
{
    /// <summary>Adds the address for so long, or gives it so much time anew.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    void Put(ServiceAddress address, TimeSpan lifetime);

    /// <summary>Removes the address; nothing happens when it is gone already.</summary>
    /// <exception cref="IOException">It is still there.</exception>
    void Remove(ServiceAddress address);

    /// <summary>Tells the neighbours that the address is here.</summary>
    /// <exception cref="IOException">They were not told.</exception>
    void Announce(ServiceAddress address);

    /// <summary>Makes clients find out that these connections, of another host, are over.</summary>
    /// <exception cref="IOException">Not all were told.</exception>
    void Tickle(IReadOnlyCollection<ClientConnection> connections);

    /// <summary>Connections of clients to the address that are established now, of whatever program.</summary>
    /// <exception cref="IOException">The host does not say.</exception>
    IReadOnlyList<ClientConnection> ConnectionsTo(IPAddress address);
}
