using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Gateway.Addresses;

/// <summary>Tells the neighbours on a device that an address is here now.</summary>
internal static class NeighbourAnnouncement
{
    private const ushort ArpProtocol = 0x0806;
    private const ushort IPv6Protocol = 0x86DD;
    private const byte IcmpV6 = 58;
    private const int IPv6HeadBytes = 40;

    private static readonly byte[] Everybody = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF];
    private static readonly byte[] AllNodesOnLink = [0x33, 0x33, 0, 0, 0, 1];
    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    /// <summary>What is announced once: ARP both as request and as reply, since some hosts heed only one of them.</summary>
    /// <exception cref="NetworkRefusedException">It was not sent.</exception>
    public static void Send(IPAddress address, NetworkDevice device)
    {
        if (!device.HasNeighbours) return;

        const string What = "announce a service address";
        using var socket = RawSocket.Open(RawSocket.Packet, RawSocket.Datagram, 0);
        if (address.GetAddressBytes().Length == 16)
        {
            socket.Send(Advertisement(address, device.HardwareAddress), Destination(device, IPv6Protocol, AllNodesOnLink), What);
            return;
        }

        var everybody = Destination(device, ArpProtocol, Everybody);
        socket.Send(Arp(address, device.HardwareAddress, isReply: false), everybody, What);
        socket.Send(Arp(address, device.HardwareAddress, isReply: true), everybody, What);
    }

    /// <summary>An ARP packet about itself, RFC 826; RFC 5227 3 and RFC 2002 4.6 name its two forms.</summary>
    /// <remarks><code>hardware 1 u16 | protocol u16 | 6 u8 | 4 u8 | operation u16 | sender 6, 4 | target 6, 4</code></remarks>
    public static byte[] Arp(IPAddress address, ReadOnlySpan<byte> hardwareAddress, bool isReply)
    {
        var own = address.GetAddressBytes();
        var packet = new byte[28];
        BinaryPrimitives.WriteUInt16BigEndian(packet, 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), 0x0800);
        packet[4] = 6;
        packet[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)(isReply ? 2 : 1));
        hardwareAddress.CopyTo(packet.AsSpan(8));
        own.CopyTo(packet, 14);
        if (isReply) hardwareAddress.CopyTo(packet.AsSpan(18));
        own.CopyTo(packet, 24);
        return packet;
    }

    /// <summary>An unsolicited neighbour advertisement to all nodes, RFC 4861 4.4 and 7.2.6, with the override flag.</summary>
    /// <remarks>
    /// <code>
    /// IPv6 head 40 | 136 u8 | 0 u8 | checksum u16 | flags u32 | target 16 | target link-layer address: 2 u8, 1 u8, address 6
    /// </code>
    /// </remarks>
    public static byte[] Advertisement(IPAddress address, ReadOnlySpan<byte> hardwareAddress)
    {
        const int MessageBytes = 32;
        const uint Override = 0x2000_0000;
        var packet = new byte[IPv6HeadBytes + MessageBytes];
        packet[0] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), MessageBytes);
        packet[6] = IcmpV6;
        packet[7] = 255;
        address.GetAddressBytes().CopyTo(packet, 8);
        AllNodes.GetAddressBytes().CopyTo(packet, 24);

        var message = packet.AsSpan(IPv6HeadBytes);
        message[0] = 136;
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], Override);
        address.GetAddressBytes().CopyTo(message[8..]);
        message[24] = 2;
        message[25] = 1;
        hardwareAddress.CopyTo(message[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], InternetChecksum.Of(address, AllNodes, IcmpV6, message));
        return packet;
    }

    // sockaddr_ll, packet(7): family u16 | protocol u16 BE | device i32 | 0 u16 | 0 u8 | length u8 | address 8
    private static byte[] Destination(NetworkDevice device, ushort protocol, ReadOnlySpan<byte> hardwareAddress)
    {
        var destination = new byte[20];
        destination[0] = RawSocket.Packet;
        BinaryPrimitives.WriteUInt16BigEndian(destination.AsSpan(2), protocol);
        MemoryMarshal.Write(destination.AsSpan(4), device.Index);
        destination[11] = (byte)hardwareAddress.Length;
        hardwareAddress.CopyTo(destination.AsSpan(12));
        return destination;
    }
}
