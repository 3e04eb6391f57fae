using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gateway.Addresses;

/// <summary>socket(2) of families that the runtime has no type for: netlink, packet, raw IP.</summary>
/// <remarks>
/// Synchronous: whoever is on the other side is the kernel, which answers at once; a second bounds what it may take. One
/// thread at a time.
/// </remarks>
internal sealed partial class RawSocket : IDisposable
{
    public const int IPv4 = 2;
    public const int IPv6 = 10;
    public const int Netlink = 16;
    public const int Packet = 17;

    public const int Datagram = 2;
    public const int Raw = 3;

    private const int CloseOnExec = 0x80000;
    private const int SocketLevel = 1;
    private const int ReceiveTimeout = 20;
    private const int SendTimeout = 21;

    private readonly SafeFileHandle _handle;

    private RawSocket(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="NetworkRefusedException">Mostly that the process may not.</exception>
    public static RawSocket Open(int family, int type, int protocol)
    {
        var descriptor = OpenSocket(family, type | CloseOnExec, protocol);
        if (descriptor < 0) throw new NetworkRefusedException("open a raw socket", Marshal.GetLastPInvokeError());

        var socket = new RawSocket(new SafeFileHandle(descriptor, ownsHandle: true));
        socket.Bound(ReceiveTimeout);
        socket.Bound(SendTimeout);
        return socket;
    }

    /// <param name="message">All of it.</param>
    /// <param name="address">A sockaddr of the family.</param>
    /// <param name="what">For the error.</param>
    /// <exception cref="NetworkRefusedException">It was not sent.</exception>
    public void Send(ReadOnlySpan<byte> message, ReadOnlySpan<byte> address, string what)
    {
        if (SendTo(_handle, message, (nuint)message.Length, 0, address, (uint)address.Length) < 0)
            throw new NetworkRefusedException(what, Marshal.GetLastPInvokeError());
    }

    /// <returns>Bytes received, no more than fit; the rest of the message is lost.</returns>
    /// <exception cref="NetworkRefusedException">Nothing came within a second.</exception>
    public int Receive(Span<byte> buffer, string what)
    {
        var length = Receive(_handle, buffer, (nuint)buffer.Length, 0);
        return length < 0 ? throw new NetworkRefusedException(what, Marshal.GetLastPInvokeError()) : (int)length;
    }

    public void Dispose() => _handle.Dispose();

    private void Bound(int option)
    {
        ReadOnlySpan<long> oneSecond = [1, 0];
        if (SetOption(_handle, SocketLevel, option, MemoryMarshal.AsBytes(oneSecond), 2 * sizeof(long)) != 0)
            throw new NetworkRefusedException("bound the waiting of a socket", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(
        SafeFileHandle socket, ReadOnlySpan<byte> message, nuint length, int flags, ReadOnlySpan<byte> address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(SafeFileHandle socket, Span<byte> buffer, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(SafeFileHandle socket, int level, int option, ReadOnlySpan<byte> value, uint length);
}
