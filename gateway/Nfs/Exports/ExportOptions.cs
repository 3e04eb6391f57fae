namespace Gateway.Nfs.Exports;

/// <summary>One exported directory, as the configuration says it.</summary>
/// <remarks>
/// What a client may do is decided per volume: a file handle names a node of the volume, not the path it was mounted
/// by, so a client that holds a handle can walk to the parent of an exported sub-directory. Of all exports of a volume
/// that let a client in, the one nearest to the volume's root decides. Use a volume of its own for what a client
/// must not reach.
/// </remarks>
internal sealed record ExportOptions
{
    /// <summary>What clients mount: absolute, e.g. <c>/files</c>. Clients may mount directories below it too.</summary>
    public string Path { get; init; } = "";

    /// <summary>Name of the volume.</summary>
    public string Volume { get; init; } = "";

    /// <summary>Directory of the volume that is exported, without a slash in front; empty for its root.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Who may mount and how; the first that matches the client's address counts. Nobody else may.</summary>
    public IReadOnlyList<ExportClientOptions> Clients { get; init; } = [];

    /// <summary>Whether it is what a volume gets of which the configuration says nothing.</summary>
    public bool IsDefault() =>
        Default(Volume) is var named && this with { Clients = named.Clients } == named && Clients.SequenceEqual(named.Clients);

    /// <summary>
    /// What a new volume gets: read and write, root stays root, for this machine and private networks. AUTH_SYS
    /// believes the user ids that clients send, so nothing is exported to the public by itself.
    /// </summary>
    public static ExportOptions Default(string volume) => new()
    {
        Path = "/" + volume,
        Volume = volume,
        Clients = [.. AddressRange.PrivateNetworks.Select(range => new ExportClientOptions { Match = range })],
    };
}

/// <summary>Whose requests run as the anonymous user.</summary>
internal enum Squash
{
    /// <summary>Nobody's but those without credentials.</summary>
    None,

    /// <summary>User 0, and group 0 of anybody.</summary>
    Root,

    /// <summary>Everybody's.</summary>
    All,
}

/// <summary>Who may use an export, and as whom.</summary>
internal sealed record ExportClientOptions
{
    /// <summary>An address, a range such as <c>10.0.0.0/8</c> or <c>fd00::/8</c>, or <c>*</c> for everybody.</summary>
    public string Match { get; init; } = "";

    public bool ReadOnly { get; init; }

    public Squash Squash { get; init; }

    public uint AnonymousUserId { get; init; } = 65534;

    public uint AnonymousGroupId { get; init; } = 65534;

    /// <summary>Refuse calls from ports of 1024 and more, which any user of the client machine may use.</summary>
    public bool PrivilegedPortsOnly { get; init; }
}
