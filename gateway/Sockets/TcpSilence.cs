using System.Buffers.Binary;
using System.Net.Sockets;

namespace Gateway.Sockets;

/// <summary>Whether the peer of a TCP connection still acknowledges what it is sent, as the kernel knows.</summary>
internal static class TcpSilence
{
    /// <summary>IPPROTO_TCP.</summary>
    private const int TcpLevel = 6;

    /// <summary>TCP_INFO of Linux; struct tcp_info only ever grows at its end.</summary>
    private const int InfoOption = 11;

    private const int InfoBytes = 60;

    /// <summary>Times the oldest segment was sent again, without an answer.</summary>
    private const int RetransmissionsAt = 2;
    private const int UnacknowledgedAt = 24;
    private const int SinceAcknowledgementAt = 56;

    /// <summary>What was sent just now is not acknowledged yet either.</summary>
    private const int RetransmissionsMin = 2;

    /// <summary>
    /// True when segments are not acknowledged though they were sent repeatedly, and none has been for this long. Where the
    /// kernel does not tell, false.
    /// </summary>
    public static bool IsOf(Socket socket, TimeSpan time)
    {
        if (!OperatingSystem.IsLinux()) return false;

        Span<byte> info = stackalloc byte[InfoBytes];
        try
        {
            if (socket.GetRawSocketOption(TcpLevel, InfoOption, info) < InfoBytes) return false;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It has ended; who asks has been told, or is about to be.
            return false;
        }

        var since = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(info[SinceAcknowledgementAt..]));
        return info[RetransmissionsAt] >= RetransmissionsMin
            && BinaryPrimitives.ReadUInt32LittleEndian(info[UnacknowledgedAt..]) > 0
            && since >= time;
    }
}
