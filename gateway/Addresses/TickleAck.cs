using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gateway.Addresses;

/// <summary>
/// A TCP segment that makes a client find out that its connection is over: an acknowledgement out of its window. The client
/// answers with what it expects (RFC 9293 3.10.7.4), this host knows no such connection and resets it.
/// </summary>
/// <remarks>Harmless to a connection that lives: its own host answers the client's answer with nothing.</remarks>
internal static class TickleAck
{
    private const byte Tcp = 6;
    private const int TcpBytes = 20;

    // IPPROTO_RAW: the IP header is ours.
    private const int OwnHeader = 255;

    /// <exception cref="NetworkRefusedException">It was not sent.</exception>
    public static void Send(IEnumerable<ClientConnection> connections)
    {
        const string What = "tell a client that its connection is over";
        foreach (var family in connections.GroupBy(connection => connection.Client.AddressFamily))
        {
            var isIPv6 = family.Key == AddressFamily.InterNetworkV6;
            using var socket = RawSocket.Open(isIPv6 ? RawSocket.IPv6 : RawSocket.IPv4, RawSocket.Raw, OwnHeader);
            foreach (var connection in family) socket.Send(Segment(connection), Destination(connection, isIPv6), What);
        }
    }

    /// <summary>The segment with its IP header, from the service to the client.</summary>
    public static byte[] Segment(ClientConnection connection)
    {
        var (service, client) = (connection.Service, connection.Client);
        var head = service.AddressFamily == AddressFamily.InterNetworkV6 ? HeadOfIPv6(connection) : HeadOfIPv4(connection);
        var segment = new byte[TcpBytes];
        BinaryPrimitives.WriteUInt16BigEndian(segment, (ushort)service.Port);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(2), (ushort)client.Port);

        // Sequence and acknowledgement stay 0.
        segment[12] = TcpBytes / 4 << 4;
        segment[13] = 0x10;
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(14), 1024);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), InternetChecksum.Of(service.Address, client.Address, Tcp, segment));
        return [.. head, .. segment];
    }

    // The kernel fills in length and checksum, ip(7).
    private static byte[] HeadOfIPv4(ClientConnection connection)
    {
        var head = new byte[20];
        head[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), 20 + TcpBytes);
        head[6] = 0x40;
        head[8] = 64;
        head[9] = Tcp;
        connection.Service.Address.GetAddressBytes().CopyTo(head, 12);
        connection.Client.Address.GetAddressBytes().CopyTo(head, 16);
        return head;
    }

    private static byte[] HeadOfIPv6(ClientConnection connection)
    {
        var head = new byte[40];
        head[0] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), TcpBytes);
        head[6] = Tcp;
        head[7] = 64;
        connection.Service.Address.GetAddressBytes().CopyTo(head, 8);
        connection.Client.Address.GetAddressBytes().CopyTo(head, 24);
        return head;
    }

    // sockaddr_in: family u16 | port 0 | address 4 | 0; sockaddr_in6: family u16 | port 0 | flow u32 | address 16 | scope u32
    private static byte[] Destination(ClientConnection connection, bool isIPv6)
    {
        var destination = new byte[isIPv6 ? 28 : 16];
        destination[0] = (byte)(isIPv6 ? RawSocket.IPv6 : RawSocket.IPv4);
        connection.Client.Address.GetAddressBytes().CopyTo(destination, isIPv6 ? 8 : 4);
        return destination;
    }
}
