using System.Net;
using System.Net.NetworkInformation;

namespace Gateway.Addresses;

/// <summary>The network of this host, in the network namespace of the process.</summary>
internal sealed class LinuxNetwork : IHostNetwork
{
    public void Put(ServiceAddress address, TimeSpan lifetime) =>
        RouteLink.Put(address, RouteLink.Find(address.Device), (uint)lifetime.TotalSeconds);

    public void Remove(ServiceAddress address) => RouteLink.Remove(address, RouteLink.Find(address.Device));

    public void Announce(ServiceAddress address) => NeighbourAnnouncement.Send(address.Address, RouteLink.Find(address.Device));

    public void Tickle(IReadOnlyCollection<ClientConnection> connections) => TickleAck.Send(connections);

    public IReadOnlyList<ClientConnection> ConnectionsTo(IPAddress address)
    {
        try
        {
            return [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
                .Where(connection => connection.State == TcpState.Established)
                .Select(connection => new ClientConnection(Plain(connection.LocalEndPoint), Plain(connection.RemoteEndPoint)))
                .Where(connection => connection.Service.Address.Equals(address))];
        }
        catch (NetworkInformationException error)
        {
            throw new IOException($"cannot list the TCP connections: {error.Message}", error);
        }
    }

    // A listener on both families has its IPv4 clients by mapped addresses; the scope of a link-local one has no place in a row.
    private static IPEndPoint Plain(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
