using System.Buffers.Binary;
using System.Net;
using Gateway.FileSystem;

namespace Gateway.Addresses;

/// <summary>A TCP connection of a client to a service address. Addresses of IPv4 are never mapped ones.</summary>
internal readonly record struct ClientConnection(IPEndPoint Service, IPEndPoint Client)
{
    private const int EndPointBytes = 18;

    /// <summary>service address (16) | port u16 BE | client address (16) | port u16 BE; IPv4 mapped into IPv6.</summary>
    public byte[] Write()
    {
        var name = new byte[ConnectionList.NameBytes];
        Write(name, Service);
        Write(name.AsSpan(EndPointBytes), Client);
        return name;
    }

    public static ClientConnection Read(ReadOnlySpan<byte> name) => new(ReadEndPoint(name), ReadEndPoint(name[EndPointBytes..]));

    private static void Write(Span<byte> bytes, IPEndPoint endPoint)
    {
        endPoint.Address.MapToIPv6().GetAddressBytes().CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[16..], (ushort)endPoint.Port);
    }

    private static IPEndPoint ReadEndPoint(ReadOnlySpan<byte> bytes)
    {
        var address = new IPAddress(bytes[..16]);
        return new IPEndPoint(
            address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]));
    }
}
