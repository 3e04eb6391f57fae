using Gateway.Replication.Control.Etcd;

namespace Gateway.Cluster;

/// <summary>Which control plane a process uses.</summary>
internal sealed record ControlOptions
{
    /// <summary>Where etcd is; null for the one in the data directory.</summary>
    public EtcdOptions? Etcd { get; init; }

    /// <summary>File with etcd's user and password; null for none.</summary>
    public string? CredentialsFile { get; init; }
}
