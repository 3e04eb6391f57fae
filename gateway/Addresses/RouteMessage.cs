using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Addresses;

/// <summary>Messages of rtnetlink(7), in the byte order of the host.</summary>
/// <remarks>
/// <code>
/// nlmsghdr   length u32 | type u16 | flags u16 | sequence u32 | port u32
/// ifaddrmsg  family u8 | prefix length u8 | flags u8 | scope u8 | device u32
/// ifinfomsg  family u8 | 0 u8 | hardware type u16 | device i32 | flags u32 | change u32
/// rtattr     length u16, itself included | type u16 | value | padding to 4
/// IFA_CACHEINFO   preferred u32 | valid u32, seconds | 0 u32 | 0 u32
/// </code>
/// </remarks>
internal static class RouteMessage
{
    public const int HeadBytes = 16;

    private const int AddressBytes = 8;
    private const int LinkBytes = 16;
    private const int AttributeHeadBytes = 4;

    private const ushort ErrorType = 2;
    private const ushort NewLink = 16;
    private const ushort GetLink = 18;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;

    private const ushort Request = 0x001;
    private const ushort Acknowledge = 0x004;
    private const ushort Replace = 0x100;
    private const ushort Create = 0x400;

    private const ushort AddressAttribute = 1;
    private const ushort LocalAttribute = 2;
    private const ushort CacheInfoAttribute = 6;
    private const ushort HardwareAddressAttribute = 1;
    private const ushort NameAttribute = 3;

    // Without the probe for duplicates: a hung owner still answers it, and the address would stay unusable.
    private const byte NoDuplicateDetection = 0x02;

    /// <summary>RTM_NEWADDR: adds the address, or gives it another lifetime.</summary>
    public static byte[] Put(ServiceAddress address, int device, uint lifetimeSeconds, uint sequence)
    {
        Span<byte> cache = stackalloc byte[16];

        // Not preferred in IPv6: this host's own connections must not be from an address that leaves it. In IPv4 they are
        // from the first address of the network anyhow.
        MemoryMarshal.Write(cache, address.IsIPv6 ? 0 : lifetimeSeconds);
        MemoryMarshal.Write(cache[4..], lifetimeSeconds);
        var bytes = address.Address.GetAddressBytes();
        var message = Begin(
            NewAddress, Request | Acknowledge | Create | Replace, sequence,
            AddressBytes + 2 * SizeOf(bytes.Length) + SizeOf(cache.Length));
        WriteAddressHead(message, address, device);
        var rest = message.AsSpan(HeadBytes + AddressBytes);
        rest = Append(rest, LocalAttribute, bytes);
        rest = Append(rest, AddressAttribute, bytes);
        Append(rest, CacheInfoAttribute, cache);
        return message;
    }

    /// <summary>RTM_DELADDR.</summary>
    public static byte[] Delete(ServiceAddress address, int device, uint sequence)
    {
        var bytes = address.Address.GetAddressBytes();
        var message = Begin(DeleteAddress, Request | Acknowledge, sequence, AddressBytes + 2 * SizeOf(bytes.Length));
        WriteAddressHead(message, address, device);
        var rest = Append(message.AsSpan(HeadBytes + AddressBytes), LocalAttribute, bytes);
        Append(rest, AddressAttribute, bytes);
        return message;
    }

    /// <summary>RTM_GETLINK of one device by its name.</summary>
    public static byte[] AskLink(string device, uint sequence)
    {
        byte[] name = [.. Encoding.ASCII.GetBytes(device), 0];
        var message = Begin(GetLink, Request, sequence, LinkBytes + SizeOf(name.Length));
        Append(message.AsSpan(HeadBytes + LinkBytes), NameAttribute, name);
        return message;
    }

    /// <summary>Reads NLMSG_ERROR, which is also the acknowledgement.</summary>
    /// <param name="errno">0 when it was done.</param>
    /// <returns>False when it is none for this request.</returns>
    public static bool TryReadError(ReadOnlySpan<byte> message, uint sequence, out int errno)
    {
        errno = 0;
        if (!TryReadHead(message, sequence, out var type, out var body) || type != ErrorType || body.Length < 4) return false;
        var error = MemoryMarshal.Read<int>(body);
        if (error is > 0 or < -4095) return false;

        errno = -error;
        return true;
    }

    /// <summary>Reads RTM_NEWLINK.</summary>
    public static bool TryReadLink(ReadOnlySpan<byte> message, uint sequence, out NetworkDevice device)
    {
        device = default;
        if (!TryReadHead(message, sequence, out var type, out var body) || type != NewLink || body.Length < LinkBytes) return false;

        var (hardware, index) = (MemoryMarshal.Read<ushort>(body[2..]), MemoryMarshal.Read<int>(body[4..]));
        device = new NetworkDevice(index, hardware, []);
        for (var rest = body[LinkBytes..]; rest.Length >= AttributeHeadBytes;)
        {
            int length = MemoryMarshal.Read<ushort>(rest);
            if (length < AttributeHeadBytes || length > rest.Length) return false;
            if (MemoryMarshal.Read<ushort>(rest[2..]) == HardwareAddressAttribute)
                device = device with { HardwareAddress = rest[AttributeHeadBytes..length].ToArray() };
            rest = rest[Math.Min(rest.Length, Padded(length))..];
        }

        return index > 0;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> message, uint sequence, out ushort type, out ReadOnlySpan<byte> body)
    {
        type = 0;
        body = default;
        if (message.Length < HeadBytes) return false;
        var length = MemoryMarshal.Read<uint>(message);
        if (length < HeadBytes || length > message.Length || MemoryMarshal.Read<uint>(message[8..]) != sequence) return false;

        type = MemoryMarshal.Read<ushort>(message[4..]);
        body = message[HeadBytes..(int)length];
        return true;
    }

    private static byte[] Begin(ushort type, int flags, uint sequence, int bodyBytes)
    {
        var message = new byte[HeadBytes + bodyBytes];
        MemoryMarshal.Write(message, (uint)message.Length);
        MemoryMarshal.Write(message.AsSpan(4), type);
        MemoryMarshal.Write(message.AsSpan(6), (ushort)flags);
        MemoryMarshal.Write(message.AsSpan(8), sequence);
        return message;
    }

    private static void WriteAddressHead(byte[] message, ServiceAddress address, int device)
    {
        message[HeadBytes] = (byte)(address.IsIPv6 ? RawSocket.IPv6 : RawSocket.IPv4);
        message[HeadBytes + 1] = (byte)address.PrefixLength;
        message[HeadBytes + 2] = address.IsIPv6 ? NoDuplicateDetection : (byte)0;
        MemoryMarshal.Write(message.AsSpan(HeadBytes + 4), device);
    }

    private static Span<byte> Append(Span<byte> rest, ushort type, ReadOnlySpan<byte> value)
    {
        MemoryMarshal.Write(rest, (ushort)(AttributeHeadBytes + value.Length));
        MemoryMarshal.Write(rest[2..], type);
        value.CopyTo(rest[AttributeHeadBytes..]);
        return rest[SizeOf(value.Length)..];
    }

    private static int SizeOf(int valueBytes) => Padded(AttributeHeadBytes + valueBytes);

    private static int Padded(int length) => (length + 3) & ~3;
}

/// <summary>A network device of this host.</summary>
/// <param name="Index">As the kernel counts them.</param>
/// <param name="HardwareType">ARPHRD_…; 1 is Ethernet.</param>
/// <param name="HardwareAddress">Empty when it has none.</param>
internal readonly record struct NetworkDevice(int Index, ushort HardwareType, byte[] HardwareAddress)
{
    /// <summary>Its neighbours are found by ARP or neighbour discovery.</summary>
    public bool HasNeighbours => HardwareType == 1 && HardwareAddress.Length == 6;
}
