namespace Gateway.Smb;

/// <summary>Named maxima of the SMB server. What is beyond them waits in the client's socket, is refused, or is closed.</summary>
internal sealed record SmbLimits
{
    /// <summary>Largest READ, WRITE and buffer of other commands, for dialects with multi-credit requests.</summary>
    public const int TransferBytesMax = 8 << 20;

    /// <summary>The same for SMB 2.0.2, and for a request that pays one credit (MS-SMB2 3.3.5.2.5).</summary>
    public const int CreditBytes = 64 << 10;

    /// <summary>Headers, create contexts, paths and padding around the largest transfer.</summary>
    public const int MessageSlackBytes = 64 << 10;

    public const int MessageBytesMax = TransferBytesMax + MessageSlackBytes;

    /// <summary>What a client may send before it has proved who it is.</summary>
    public const int UnauthenticatedMessageBytesMax = 64 << 10;

    /// <summary>Elements of one compound; a longer chain closes the connection.</summary>
    public const int CompoundElementsMax = 64;

    /// <summary>Credits, and so message ids, a client may hold (MS-SMB2 3.3.1.1).</summary>
    public const int CreditsMax = 8192;

    /// <summary>Requests of a connection that were answered with STATUS_PENDING and are not complete.</summary>
    public const int PendingRequestsMax = 511;

    /// <summary>Accounted for each message besides its own bytes.</summary>
    public const int MessageOverheadBytes = 4096;

    /// <summary>Open connections; further ones are closed at once.</summary>
    public int ConnectionsMax { get; init; } = 16_384;

    public int ConnectionsOfAddressMax { get; init; } = 1024;

    /// <summary>Sessions of one connection, those being set up included.</summary>
    public int SessionsOfConnectionMax { get; init; } = 1024;

    public int TreesOfSessionMax { get; init; } = 4096;

    /// <summary>Opens of all clients together.</summary>
    public int OpensMax { get; init; } = 1 << 20;

    public int OpensOfSessionMax { get; init; } = 1 << 17;

    /// <summary>Durable opens that wait for their clients; further ones are closed with their connection.</summary>
    public int DurableOpensAwayMax { get; init; } = 1 << 16;

    /// <summary>Connections of one session (MS-SMB2 3.3.5.5.2).</summary>
    public int ChannelsOfSessionMax { get; init; } = 32;

    /// <summary>Messages of one connection that are running or whose response has not left.</summary>
    public int ConnectionMessagesMax { get; init; } = 2048;

    /// <summary>Bytes of those messages and of their responses.</summary>
    public long ConnectionBytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// Bytes of the requests of all connections that were answered with STATUS_PENDING: they may stay for days, and do not
    /// use up what transfers need. Further ones fail.
    /// </summary>
    public long PendingBytesMax { get; init; } = 16 << 20;

    /// <summary>How long a connection may take until its first session is established.</summary>
    public TimeSpan UnauthenticatedMax { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A peer that makes no progress for this long in the middle of a message, or takes no responses, is closed.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same while other connections wait for the memory that such peers hold: 8 MiB, the largest response, in this time
    /// is a link of 7 Mbit/s.
    /// </summary>
    public TimeSpan StallWantedMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A peer that acknowledges nothing for this long after a break was sent is taken for dead: TCP has sent it four times
    /// then.
    /// </summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);
}
