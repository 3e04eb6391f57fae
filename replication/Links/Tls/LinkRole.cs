namespace Gateway.Replication.Links.Tls;

/// <summary>What a certificate's holder is to the cluster.</summary>
public enum LinkRole
{
    /// <summary>Issues the certificates.</summary>
    Authority,

    /// <summary>Takes links, and opens none.</summary>
    Node,

    /// <summary>Opens links, and takes none.</summary>
    Gateway,
}
