namespace Gateway.Users;

/// <summary>A user as the control plane keeps it.</summary>
internal sealed record UserRecord
{
    public required string Name { get; init; }

    /// <summary>The same numbers as over NFS: what one makes over SMB is one's own there.</summary>
    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    /// <summary>Further groups.</summary>
    public IReadOnlyList<uint> Groups { get; init; } = [];

    public bool Disabled { get; init; }

    /// <summary>The hash of the password, sealed by <see cref="UserSecrets"/>.</summary>
    public required byte[] Secret { get; init; }

    // The compiler would print the secret too.
    public override string ToString() => $"{Name} ({Uid}:{Gid})";
}

/// <summary>All users: the value of one key, so that names and numbers are unique by compare-and-set.</summary>
internal sealed record UserList(IReadOnlyList<UserRecord> Users)
{
    /// <summary>Some two hundred bytes each; etcd takes a megabyte and a half.</summary>
    public const int UsersMax = 5_000;
}
