using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>Abilities of a network interface, MS-SMB2 2.2.32.5.</summary>
[Flags]
public enum NetworkInterfaceCapability : uint
{
    None = 0,
    ReceiveSideScaling = 1,
    Rdma = 2,
}

/// <summary>NETWORK_INTERFACE_INFO, MS-SMB2 2.2.32.5: an address that clients may open further channels to.</summary>
/// <remarks>
/// <code>
///  0 Next   4 IfIndex   8 Capability   12 Reserved   16 LinkSpeed (bits a second)   24 SockAddr_Storage (128)
/// SockAddr: 0 Family   2 Port   4 IPv4 address  |  4 FlowInfo   8 IPv6 address   24 ScopeId
/// </code>
/// </remarks>
public sealed record NetworkInterfaceAddress(uint Index, NetworkInterfaceCapability Capability, ulong LinkSpeed, IPAddress Address)
{
    public const int Bytes = 152;

    private const int AddressOffset = 24;

    // MS-SMB2 2.2.32.5.1: the numbers of Windows, whatever the platform's own are.
    private const ushort InterNetwork = 0x0002;
    private const ushort InterNetworkV6 = 0x0017;

    /// <summary>Takes the first interface off the list.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> list, out NetworkInterfaceAddress? entry)
    {
        entry = null;
        if (list.Length < Bytes) return false;

        var next = BinaryPrimitives.ReadUInt32LittleEndian(list);
        if (next != 0 && (next < Bytes || next > list.Length)) return false;

        var address = list.Slice(AddressOffset, Bytes - AddressOffset);
        IPAddress? parsed = BinaryPrimitives.ReadUInt16LittleEndian(address) switch
        {
            InterNetwork => new IPAddress(address.Slice(4, 4)),
            InterNetworkV6 => new IPAddress(address.Slice(8, 16)),
            _ => null,
        };
        if (parsed is null) return false;

        entry = new NetworkInterfaceAddress(
            BinaryPrimitives.ReadUInt32LittleEndian(list[4..]),
            (NetworkInterfaceCapability)BinaryPrimitives.ReadUInt32LittleEndian(list[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(list[16..]),
            parsed);
        list = next == 0 ? default : list[(int)next..];
        return true;
    }

    public void Write(Span<byte> output, bool last)
    {
        output[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(output, last ? 0u : Bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(output[4..], Index);
        BinaryPrimitives.WriteUInt32LittleEndian(output[8..], (uint)Capability);
        BinaryPrimitives.WriteUInt64LittleEndian(output[16..], LinkSpeed);

        var address = output[AddressOffset..Bytes];
        var isV6 = Address.AddressFamily == AddressFamily.InterNetworkV6;
        BinaryPrimitives.WriteUInt16LittleEndian(address, isV6 ? InterNetworkV6 : InterNetwork);
        Address.TryWriteBytes(address[(isV6 ? 8 : 4)..], out _);
    }
}
