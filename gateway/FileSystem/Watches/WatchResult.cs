namespace Gateway.FileSystem.Watches;

/// <summary>What a request for changes gets.</summary>
public readonly record struct WatchResult(WatchOutcome Outcome, IReadOnlyList<WatchEvent> Events);

public enum WatchOutcome
{
    /// <summary>There are events.</summary>
    Changed,

    /// <summary>More happened than is kept or fits: the client must list the directory (STATUS_NOTIFY_ENUM_DIR).</summary>
    Overflow,

    /// <summary>The directory is deleted, or about to be (STATUS_DELETE_PENDING).</summary>
    DirectoryDeleted,

    /// <summary>The watch ended (STATUS_NOTIFY_CLEANUP).</summary>
    Closed,

    /// <summary>The request was given up.</summary>
    Cancelled,

    /// <summary>Too many requests wait.</summary>
    TooMany,
}
