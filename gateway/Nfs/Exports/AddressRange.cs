using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Gateway.Nfs.Exports;

/// <summary>A range of client addresses: one address, address/prefix, or <c>*</c>. Immutable.</summary>
internal sealed class AddressRange
{
    private readonly byte[] _network;
    private readonly int _prefixBits;

    private AddressRange(byte[] network, int prefixBits)
    {
        _network = network;
        _prefixBits = prefixBits;
    }

    /// <summary>
    /// This machine, and addresses that the Internet does not route: RFC 1918, 6598, 3927, 4193, 4291.
    /// </summary>
    public static IReadOnlyList<string> PrivateNetworks { get; } =
    [
        "127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "fc00::/7", "fe80::/10",
    ];

    private bool IsEverybody => _network.Length == 0;

    /// <summary>Bits of the address behind the prefix do not matter and may be set.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out AddressRange? range)
    {
        range = null;
        if (text == "*")
        {
            range = new AddressRange([], 0);
            return true;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return false;

        var network = address.GetAddressBytes();
        var prefixBits = network.Length * 8;
        if (slash >= 0)
        {
            var prefix = text.AsSpan(slash + 1);
            if (!int.TryParse(prefix, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)) return false;
            if (bits > prefixBits) return false;
            prefixBits = bits;
        }

        range = new AddressRange(network, prefixBits);
        return true;
    }

    public bool Contains(IPAddress address)
    {
        if (IsEverybody) return true;

        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out var length) || length != _network.Length) return false;

        var whole = _prefixBits / 8;
        if (!bytes[..whole].SequenceEqual(_network.AsSpan(0, whole))) return false;

        var rest = _prefixBits % 8;
        return rest == 0 || (bytes[whole] ^ _network[whole]) >> (8 - rest) == 0;
    }
}
