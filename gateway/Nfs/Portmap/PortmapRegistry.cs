using System.Net;
using System.Net.Sockets;
using Gateway.Protocol.Portmap;

namespace Gateway.Nfs.Portmap;

/// <summary>What the built-in port mapper knows: our own services, and what programs on this machine have registered.</summary>
/// <remarks>Threading: any. Bounded by <see cref="RegisteredMax"/>.</remarks>
internal sealed class PortmapRegistry(IReadOnlyList<PortmapService> own)
{
    /// <summary>A machine registers a few dozen: each program, version and transport is one.</summary>
    private const int RegisteredMax = 256;

    private static readonly string[] AllNetworks =
        [UniversalAddress.Tcp, UniversalAddress.Udp, UniversalAddress.Tcp6, UniversalAddress.Udp6];

    private readonly Lock _gate = new();
    private readonly Dictionary<(uint Program, uint Version, string NetworkId), RpcbindMapping> _registered = [];

    /// <summary>Adds a mapping unless there is one.</summary>
    public bool TrySet(RpcbindMapping mapping)
    {
        if (!AllNetworks.Contains(mapping.NetworkId) || !UniversalAddress.TryParse(mapping.Address, out _)) return false;
        if (own.Any(service => service.Program == mapping.Program) || mapping.Program == PortmapProtocol.Program) return false;

        lock (_gate)
        {
            return _registered.Count < RegisteredMax
                && _registered.TryAdd((mapping.Program, mapping.Version, mapping.NetworkId), mapping);
        }
    }

    /// <summary>Removes a mapping; an empty network id means all transports.</summary>
    public bool Unset(uint program, uint version, string networkId)
    {
        var removed = false;
        lock (_gate)
        {
            foreach (var network in AllNetworks)
            {
                if (networkId.Length == 0 || networkId == network) removed |= _registered.Remove((program, version, network));
            }
        }

        return removed;
    }

    /// <summary>The port of a program on an IPv4 transport; 0 when it is not there.</summary>
    public int FindPort(uint program, uint version, string networkId)
    {
        var address = FindAddress(program, version, networkId, IPAddress.Any, exactVersion: false);
        return UniversalAddress.TryParse(address, out var endPoint) ? endPoint.Port : 0;
    }

    /// <summary>
    /// The universal address of a program; empty when it is not there. Without <paramref name="exactVersion"/> another
    /// version's will do: the caller then learns the range from the program itself (RFC 1833 §2.2.1).
    /// </summary>
    /// <param name="reached">The address of ours that the caller used: the one that works for it.</param>
    public string FindAddress(uint program, uint version, string networkId, IPAddress reached, bool exactVersion)
    {
        var candidates = All(reached).Where(m => m.Program == program && m.NetworkId == networkId).ToList();
        var found = candidates.FindIndex(mapping => mapping.Version == version);
        if (found < 0 && !exactVersion) found = candidates.Count - 1;
        return found < 0 ? "" : candidates[found].Address;
    }

    /// <summary>All mappings. Addresses that mean any are given as the one the caller reached.</summary>
    public IReadOnlyList<RpcbindMapping> All(IPAddress reached)
    {
        var all = new List<RpcbindMapping>();
        for (var version = PortmapProtocol.PortmapVersion; version <= PortmapProtocol.RpcbindVersion4; version++)
        {
            foreach (var network in AllNetworks)
                all.Add(Own(PortmapProtocol.Program, version, network, PortmapProtocol.Port, reached));
        }

        foreach (var service in own)
        {
            foreach (var network in service.NetworkIds)
                all.Add(Own(service.Program, service.Version, network, service.Port, reached));
        }

        lock (_gate)
        {
            foreach (var mapping in _registered.Values) all.Add(mapping with { Address = Reachable(mapping, reached) });
        }

        return all;
    }

    private static RpcbindMapping Own(uint program, uint version, string network, int port, IPAddress reached) =>
        new(program, version, network, UniversalAddress.Format(Host(network, reached), port), "superuser");

    private static string Reachable(in RpcbindMapping mapping, IPAddress reached) =>
        UniversalAddress.TryParse(mapping.Address, out var endPoint)
        && (endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any))
            ? UniversalAddress.Format(Host(mapping.NetworkId, reached), endPoint.Port)
            : mapping.Address;

    private static IPAddress Host(string network, IPAddress reached)
    {
        var wants6 = network.EndsWith('6');
        if (wants6 == (reached.AddressFamily == AddressFamily.InterNetworkV6)) return reached;
        return wants6 ? IPAddress.IPv6Any : IPAddress.Any;
    }
}
