namespace Gateway.FileSystem;

/// <summary>
/// What is left of a file that is overwritten or superseded (MS-FSA 2.1.5.1.2): its content, extended attributes and
/// streams go, in one change; names, owner, birth time and descriptor stay.
/// </summary>
public sealed record ReplaceRequest
{
    public required NodeId Node { get; init; }

    public DosAttributes Dos { get; init; }

    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>Streams that stay, as somebody has them open.</summary>
    public IReadOnlyCollection<NodeId> KeptStreams { get; init; } = [];
}
