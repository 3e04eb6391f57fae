using System.Net;
using Gateway.Addresses;
using Gateway.Cli;
using Gateway.Cluster;
using Gateway.Nfs.Exports;
using Gateway.Replication.Links.Tls;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>What every role is told.</summary>
internal sealed record ProcessOptions
{
    /// <summary>Absolute path of the directory everything lives under.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Absolute path of the file with the secret that gateways and nodes share.</summary>
    public required string SecretFile { get; init; }

    public required LogLevel LogLevel { get; init; }

    /// <summary>Port of <c>/metrics</c>, on the address that the process listens on; null for none.</summary>
    public int? MetricsPort { get; init; }
}

/// <summary>What a gateway is told: <c>serve</c>, and the gateway half of <c>up</c>.</summary>
internal sealed record GatewayOptions
{
    public required ProcessOptions Process { get; init; }

    /// <summary>Address that clients reach.</summary>
    public required IPAddress Listen { get; init; }

    public required int NfsPort { get; init; }

    /// <summary>Administration; always on loopback.</summary>
    public required int HttpPort { get; init; }

    /// <summary>Answer portmap requests on port 111 instead of registering with a running rpcbind.</summary>
    public required bool Portmap { get; init; }

    /// <summary>The nodes; empty for <c>up</c>, which starts its own, and where the control plane knows them.</summary>
    public required IReadOnlyList<NodeEndPoint> Nodes { get; init; }

    public ControlOptions Control { get; init; } = new();

    /// <summary>The gateway's certificate; null where links to nodes are in clear.</summary>
    public LinkFiles? Certificates { get; init; }

    /// <summary>Name of the gateway in its cluster; null where there is but one.</summary>
    public string? Id { get; init; }

    /// <summary>Where clients reach it, if that is not where it listens; only told, to people and other gateways.</summary>
    public HostPort? Advertise { get; init; }

    /// <summary>Where clients reach NFS, as the control plane is told.</summary>
    public HostPort ReachedAt => Advertise ?? new HostPort(new IPEndPoint(Listen, NfsPort));

    /// <summary>How many of the registered nodes a new volume gets.</summary>
    public int Replicas { get; init; }

    /// <summary>On the first start there is a user right away, with a password that is printed once.</summary>
    public bool MakesFirstUser { get; init; }

    /// <summary>Ports are those that the system chooses, and nobody is told of them.</summary>
    public bool IsRehearsal { get; init; }

    public SmbOptions Smb { get; init; } = new() { Port = 0 };

    /// <summary>How clients find the gateway that serves a volume.</summary>
    public ServiceAddressOptions Addresses { get; init; } = new();

    /// <summary>What is exported to whom.</summary>
    public required IReadOnlyList<ExportOptions> Exports { get; init; }
}

/// <summary>What a backend node is told.</summary>
internal sealed record NodeOptions
{
    public required ProcessOptions Process { get; init; }

    public required string Id { get; init; }

    public required IPEndPoint Listen { get; init; }

    public ControlOptions Control { get; init; } = new();

    /// <summary>The node's certificate; null where its links are in clear, and prove themselves by the secret.</summary>
    public LinkFiles? Certificates { get; init; }

    /// <summary>Where others reach it, if that is not where it listens.</summary>
    public HostPort? Advertise { get; init; }

    /// <summary>Volumes take it as a witness. The control plane says so to the gateways.</summary>
    public bool Witness { get; init; }

    /// <summary>So that where it listens says nothing about where it is.</summary>
    public bool ListensOnAllAddresses => Listen.Address.Equals(IPAddress.Any) || Listen.Address.Equals(IPAddress.IPv6Any);
}
