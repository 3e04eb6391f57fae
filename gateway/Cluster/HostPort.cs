using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Gateway.Cluster;

/// <summary>
/// A port of a machine that is known by an address or by a name. A name is looked up whenever the port is connected to, so
/// that a machine may come back with another address.
/// </summary>
/// <param name="Host">An address, IPv6 without brackets, or a name as DNS has it.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record HostPort(string Host, int Port)
{
    public HostPort(IPEndPoint endPoint)
        : this(endPoint.Address.ToString(), endPoint.Port)
    {
    }

    /// <summary>Reads <c>10.0.0.1:7001</c>, <c>[fd00::1]:7001</c> or <c>node-1.example.org:7001</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostPort? place)
    {
        place = null;
        var colon = text.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > 65535)
        {
            return false;
        }

        var host = text[..colon];
        if (host is ['[', .. var inner, ']'])
        {
            place = new HostPort(inner, port);
            return Uri.CheckHostName(inner) == UriHostNameType.IPv6;
        }

        place = new HostPort(host, port);
        return Uri.CheckHostName(host) switch
        {
            UriHostNameType.IPv4 => host.Count(letter => letter == '.') == 3,
            UriHostNameType.Dns => !IsForgottenNumber(host),
            _ => false,
        };
    }

    /// <summary>
    /// As <see cref="TryParse(string, out HostPort?)"/>, or an address or name alone; IPv6 needs brackets only before a port.
    /// </summary>
    public static bool TryParse(string text, int portMissing, [NotNullWhen(true)] out HostPort? place)
    {
        if (TryParse(text, out place)) return true;

        var isBare = Uri.CheckHostName(text) == UriHostNameType.IPv6 && !text.StartsWith('[');
        var host = isBare ? $"[{text}]" : text;
        return TryParse(string.Create(CultureInfo.InvariantCulture, $"{host}:{portMissing}"), out place);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    // No top-level domain is a number: 10.0.1 is an address with one missing, and 10.0.0.256 one that is wrong.
    private static bool IsForgottenNumber(string host) => char.IsAsciiDigit(host[(host.LastIndexOf('.') + 1)..].FirstOrDefault('0'));
}
