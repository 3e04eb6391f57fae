namespace Gateway.Replication.Control.Etcd;

/// <summary>Where etcd is, and how it is spoken to.</summary>
public sealed record EtcdOptions
{
    /// <summary>Its members, <c>http</c> or <c>https</c>; any of them will do.</summary>
    public required IReadOnlyList<Uri> Endpoints { get; init; }

    /// <summary>File with the certificates of the authorities that are believed, PEM; those of the system when null.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>File with this process's certificate and what else leads to an authority, PEM; null for none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>File with the certificate's private key, PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Null where etcd asks for none.</summary>
    public EtcdCredentials? Credentials { get; init; }

    /// <summary>How long one member may take to answer.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long members are asked one after another, as long as that is safe. etcd needs a second or two for the choice
    /// of a new leader.
    /// </summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>A user of etcd's own.</summary>
public sealed record EtcdCredentials(string User, string Password)
{
    // The compiler would print the password too.
    public override string ToString() => User;
}
