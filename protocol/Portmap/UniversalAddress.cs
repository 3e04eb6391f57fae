using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Gateway.Protocol.Portmap;

/// <summary>Universal addresses of the Internet transports, RFC 5665 §5.2.3: the host, then the port as two decimal octets.</summary>
public static class UniversalAddress
{
    public const string Tcp = "tcp";
    public const string Udp = "udp";
    public const string Tcp6 = "tcp6";
    public const string Udp6 = "udp6";

    /// <summary>10.0.0.1 port 2049 is <c>10.0.0.1.8.1</c>.</summary>
    public static string Format(IPAddress address, int port) =>
        string.Create(CultureInfo.InvariantCulture, $"{address}.{port >> 8}.{port & 0xff}");

    public static bool TryParse(string text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var low = text.LastIndexOf('.');
        var high = low <= 0 ? -1 : text.LastIndexOf('.', low - 1);
        if (high <= 0) return false;

        if (!byte.TryParse(text.AsSpan(high + 1, low - high - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            || !byte.TryParse(text.AsSpan(low + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            || !IPAddress.TryParse(text.AsSpan(0, high), out var address))
        {
            return false;
        }

        // IPAddress also takes "10.1" for 10.0.0.1; a universal address has all four octets.
        if (address.AddressFamily == AddressFamily.InterNetwork && text.AsSpan(0, high).Count('.') != 3) return false;

        endPoint = new IPEndPoint(address, (first << 8) | second);
        return true;
    }
}
