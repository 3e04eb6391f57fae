using System.Buffers.Binary;
using System.Net;

namespace Gateway.Addresses;

/// <summary>The checksum of RFC 1071, over a message and the pseudo-header of its addresses (RFC 9293 3.1, RFC 8200 8.1).</summary>
internal static class InternetChecksum
{
    /// <param name="source">Of the same family as <paramref name="destination"/>.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="protocol">As in the IP header.</param>
    /// <param name="message">With a checksum of 0 in it.</param>
    public static ushort Of(IPAddress source, IPAddress destination, byte protocol, ReadOnlySpan<byte> message)
    {
        var sum = Sum(source.GetAddressBytes()) + Sum(destination.GetAddressBytes()) + Sum(message);
        sum += (ulong)protocol + (ulong)message.Length;
        while (sum > ushort.MaxValue) sum = (sum & ushort.MaxValue) + (sum >> 16);
        return (ushort)(~sum & ushort.MaxValue);
    }

    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0UL;
        for (; bytes.Length >= 2; bytes = bytes[2..]) sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return bytes.IsEmpty ? sum : sum + ((ulong)bytes[0] << 8);
    }
}
