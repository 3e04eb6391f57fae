using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Gateway.Cluster;

namespace Gateway.Cli;

/// <summary>A backend node as a user names it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="EndPoint">Where it is reached.</param>
/// <param name="Witness">Volumes that are made take it as a witness.</param>
internal readonly record struct NodeEndPoint(string Id, IPEndPoint EndPoint, bool Witness = false);

/// <summary>The forms of values that settings take.</summary>
internal static partial class SettingParsers
{
    public const int NodesMax = 7;

    /// <summary>Follows the address of a node that is a witness.</summary>
    private const string WitnessMark = "/witness";

    public static bool Text(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    public static bool Flag(string text, out bool value) => bool.TryParse(text, out value);

    public static bool Port(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;

    public static bool OptionalPort(string text, out int? port)
    {
        var valid = Port(text, out var number);
        port = number;
        return valid;
    }

    /// <summary>An odd number of nodes: an even one adds a disk without surviving one more failure.</summary>
    public static bool NodeCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count)
        && count is >= 1 and <= NodesMax && count % 2 == 1;

    public static bool Address(string text, out IPAddress address)
    {
        var valid = IPAddress.TryParse(text, out var parsed);
        address = parsed ?? IPAddress.Loopback;
        return valid && IsWhole(address, text);
    }

    public static bool EndPoint(string text, out IPEndPoint? endPoint) =>
        IPEndPoint.TryParse(text, out endPoint) && endPoint.Port != 0
        && IsWhole(endPoint.Address, text[..text.LastIndexOf(':')]);

    /// <summary>An address or a name, and a port.</summary>
    public static bool HostPort(string text, out HostPort? place) => Cluster.HostPort.TryParse(text, out place);

    /// <summary>An address or a name, and a port or none.</summary>
    public static bool HostAndMaybePort(string text, out string? place)
    {
        place = text;
        return Cluster.HostPort.TryParse(text, 1, out _);
    }

    public static bool NodeId(string text, out string? id)
    {
        id = text;
        return NodeIdForm().IsMatch(text);
    }

    /// <summary><c>id=addr:port,id=addr:port/witness,…</c>, ids and addresses distinct.</summary>
    public static bool Nodes(string text, out IReadOnlyList<NodeEndPoint> nodes)
    {
        var list = new List<NodeEndPoint>();
        nodes = list;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var witness = part.EndsWith(WitnessMark, StringComparison.Ordinal);
            var end = part.Length - (witness ? WitnessMark.Length : 0);
            if (equals <= 0
                || equals >= end
                || !NodeId(part[..equals], out var id)
                || !EndPoint(part[(equals + 1)..end], out var endPoint)
                || list.Exists(node => node.Id == id || node.EndPoint.Equals(endPoint)))
            {
                return false;
            }

            list.Add(new NodeEndPoint(id!, endPoint!, witness));
        }

        return list.Count is >= 1 and <= NodesMax;
    }

    // The runtime takes 1.2.3 for 1.2.0.3, as inet_aton does; a person has forgotten a number.
    private static bool IsWhole(IPAddress address, string text) =>
        address.AddressFamily != AddressFamily.InterNetwork || address.ToString() == text;

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$", RegexOptions.CultureInvariant)]
    private static partial Regex NodeIdForm();
}
