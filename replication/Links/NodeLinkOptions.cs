namespace Gateway.Replication.Links;

/// <summary>Where a node is reached, and how patient its link is.</summary>
public sealed record NodeLinkOptions
{
    /// <summary>Name the node must prove.</summary>
    public required string Node { get; init; }

    /// <summary>The volume whose copy the link is for.</summary>
    public required Guid Volume { get; init; }

    /// <summary>How the node is reached.</summary>
    public required INodeConnector Connector { get; init; }

    /// <summary>How it and we come to believe each other.</summary>
    public required LinkTrust Trust { get; init; }

    /// <summary>
    /// Heads (journal entries among them) that may wait for the socket; more is dropped and sent again later.
    /// </summary>
    public int OutboxBytesMax { get; init; } = 16 << 20;

    /// <summary>Requests that wait for an answer.</summary>
    public int RequestsMax { get; init; } = 512;

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A link whose oldest request waits longer than this is closed and opened again.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(20);

    public TimeSpan BackoffMin { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan BackoffMax { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a link tells its owner. Called on the link's own thread of work; must not block.</summary>
public interface INodeLinkEvents
{
    void LinkUp(NodeLink link, NodeIdentity identity);

    void LinkDown(NodeLink link);

    void JournalReplied(NodeLink link, Quorum.NodeReply reply);
}
