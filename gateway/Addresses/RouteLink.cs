namespace Gateway.Addresses;

/// <summary>The addresses of this host, by rtnetlink(7). Any thread, one request at a time: each has a socket of its own.</summary>
internal static class RouteLink
{
    private const int RouteProtocol = 0;

    /// <summary>An RTM_NEWLINK of a device with all its statistics is some 2 KiB.</summary>
    private const int ReplyBytesMax = 32 << 10;

    private const int AddressNotAvailable = 99;
    private const uint Sequence = 1;

    private static readonly byte[] Kernel = [RawSocket.Netlink, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <exception cref="NetworkRefusedException">There is no such device.</exception>
    public static NetworkDevice Find(string device)
    {
        var what = $"find the network device {device}";
        var reply = Ask(RouteMessage.AskLink(device, Sequence), what);
        if (RouteMessage.TryReadLink(reply, Sequence, out var found)) return found;

        RouteMessage.TryReadError(reply, Sequence, out var errno);
        throw new NetworkRefusedException(what, errno);
    }

    /// <summary>Adds the address for so long, or gives it so much time anew.</summary>
    /// <exception cref="NetworkRefusedException">It is not there.</exception>
    public static void Put(ServiceAddress address, NetworkDevice device, uint lifetimeSeconds) =>
        Order(RouteMessage.Put(address, device.Index, lifetimeSeconds, Sequence), $"add the address {address}");

    /// <summary>Removes the address; nothing happens when it is gone already.</summary>
    /// <exception cref="NetworkRefusedException">It is still there.</exception>
    public static void Remove(ServiceAddress address, NetworkDevice device)
    {
        try
        {
            Order(RouteMessage.Delete(address, device.Index, Sequence), $"remove the address {address}");
        }
        catch (NetworkRefusedException refused) when (refused.Errno == AddressNotAvailable)
        {
            // The kernel has taken it away.
        }
    }

    private static void Order(byte[] request, string what)
    {
        if (!RouteMessage.TryReadError(Ask(request, what), Sequence, out var errno))
            throw new IOException($"cannot {what}: the kernel's answer is not understood");
        if (errno != 0) throw new NetworkRefusedException(what, errno);
    }

    private static byte[] Ask(byte[] request, string what)
    {
        using var socket = RawSocket.Open(RawSocket.Netlink, RawSocket.Raw, RouteProtocol);
        socket.Send(request, Kernel, what);
        var buffer = new byte[ReplyBytesMax];
        return buffer[..socket.Receive(buffer, what)];
    }
}
