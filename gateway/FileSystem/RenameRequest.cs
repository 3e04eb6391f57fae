namespace Gateway.FileSystem;

/// <summary>A rename that is done only while the name leads to the node the caller has open.</summary>
public sealed record RenameRequest
{
    public required NodeId From { get; init; }

    /// <summary>As stored, byte for byte.</summary>
    public required ReadOnlyMemory<byte> FromName { get; init; }

    /// <summary>NoEntry is answered when the name leads elsewhere.</summary>
    public required NodeId Expected { get; init; }

    public required NodeId To { get; init; }

    /// <summary>The name as it shall be written.</summary>
    public required ReadOnlyMemory<byte> ToName { get; init; }

    /// <summary>A name that matches is replaced; otherwise it is answered with Exists.</summary>
    public bool Replace { get; init; }

    /// <summary>How a name that is in the way is found. Another spelling of the node's own name never is.</summary>
    public NameMatch Match { get; init; }
}
