namespace Gateway.FileSystem;

/// <summary>How a name given by a client finds a name of a directory.</summary>
public enum NameMatch
{
    /// <summary>Byte for byte.</summary>
    Exact,

    /// <summary>
    /// The name that is equal byte for byte, else the oldest that is equal when folded by case; where a path is walked else
    /// the oldest whose short name it is.
    /// </summary>
    IgnoreCase,
}
