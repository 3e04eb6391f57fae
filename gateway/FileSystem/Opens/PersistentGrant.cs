namespace Gateway.FileSystem.Opens;

/// <summary>
/// What makes an open outlive its client's connection and its gateway (MS-SMB2 3.3.1.10, IsPersistent and what belongs to
/// it): such an open, its locks and its caching are rows of the volume.
/// </summary>
public sealed record PersistentGrant
{
    /// <summary>A share's name in UTF-8.</summary>
    public const int ShareBytesMax = 255;

    /// <summary>Names the open for as long as the volume lives: from <see cref="OpenTable.TakePersistentIdAsync"/>.</summary>
    public required ulong Id { get; init; }

    /// <summary>The client's name for the request that made the open.</summary>
    public required Guid CreateGuid { get; init; }

    /// <summary>Under what name the client sees the files; at most <see cref="ShareBytesMax"/> bytes in UTF-8.</summary>
    public required string Share { get; init; }

    /// <summary>How long the open waits for its client, in whole milliseconds.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>The application that made the open, whatever client it runs on.</summary>
    public Guid? Application { get; init; }
}
