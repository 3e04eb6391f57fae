namespace Gateway.FileSystem;

/// <summary>The group of those who share a volume (ADR 11): that of its root, and of users who are not given another.</summary>
public static class TeamGroup
{
    /// <summary>What Debian and Fedora call "users".</summary>
    public const uint Gid = 100;

    /// <summary>Of the root of a new volume, 02775: what is made in it stays the group's.</summary>
    internal const ushort RootMode = 0x5FD;
}
