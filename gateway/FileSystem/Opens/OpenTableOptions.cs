namespace Gateway.FileSystem.Opens;

/// <summary>Bounds of the opens of one volume.</summary>
public sealed record OpenTableOptions
{
    /// <summary>Opens of all clients together.</summary>
    public int OpensMax { get; init; } = 1 << 20;

    /// <summary>Persistent opens of all clients together, which are rows; further ones are not persistent.</summary>
    public int PersistentOpensMax { get; init; } = 1 << 16;

    /// <summary>Those of one user.</summary>
    public int PersistentOpensOfUserMax { get; init; } = 1 << 14;

    /// <summary>A client has so long to acknowledge a break before its caching is taken away (MS-SMB2 3.3.2.1).</summary>
    public TimeSpan BreakPatience { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>The time of an open's first write is shown to clients with opens after so long.</summary>
    public TimeSpan WriteTimeDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Times of its later writes are held back no longer than that.</summary>
    public TimeSpan WriteTimeDelayMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Byte-range locks of one open.</summary>
    public int LocksPerOpenMax { get; init; } = 1 << 16;

    /// <summary>Byte-range locks of all opens of a file.</summary>
    public int LocksPerFileMax { get; init; } = 1 << 18;
}
