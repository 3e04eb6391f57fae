using System.Net;
using System.Net.Sockets;

namespace Gateway.Addresses;

/// <summary>An address that goes with volumes from gateway to gateway.</summary>
/// <param name="Volumes">At least one. The first decides: who owns it has the address.</param>
/// <param name="Address">IPv4 or IPv6, global.</param>
/// <param name="PrefixLength">Bits of its network.</param>
/// <param name="Device">The network device it is added to, the same on all gateways.</param>
internal sealed record ServiceAddress(IReadOnlyList<string> Volumes, IPAddress Address, int PrefixLength, string Device)
{
    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    public override string ToString() => $"{Address}/{PrefixLength} on {Device}";
}

/// <summary>How clients find the gateway that serves a volume.</summary>
internal sealed record ServiceAddressOptions
{
    /// <summary>Addresses that go with volumes; none when clients use those of the gateways.</summary>
    public IReadOnlyList<ServiceAddress> Addresses { get; init; } = [];

    /// <summary>Absolute path of the program that is run when a volume comes; null for none.</summary>
    public string? OnAcquire { get; init; }

    /// <summary>Absolute path of the program that is run when a volume has gone; null for none.</summary>
    public string? OnRelease { get; init; }

    /// <summary>Port of the readiness endpoint; null for none.</summary>
    public int? ReadyPort { get; init; }
}
