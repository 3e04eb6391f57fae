namespace Gateway.Nfs.Rpc;

/// <summary>Named maxima of the RPC server. What is beyond them waits in the client's socket, or is closed.</summary>
internal sealed record RpcLimits
{
    /// <summary>A 1 MiB WRITE or READ with its headers, and slack. A longer record closes the connection.</summary>
    public const int RecordBytesMax = (1 << 20) + (64 << 10);

    /// <summary>Old clients send 8 KiB fragments; a record in more than this many fragments closes the connection.</summary>
    public const int FragmentsMax = 1024;

    /// <summary>Results of one call. A program that writes more is at fault.</summary>
    public const int ReplyBytesMax = (1 << 20) + (64 << 10);

    /// <summary>Accounted for each request besides its own bytes.</summary>
    public const int RequestOverheadBytes = 2048;

    /// <summary>Open connections; further ones are closed at once.</summary>
    public int ConnectionsMax { get; init; } = 16_384;

    /// <summary>Requests of one connection that are running or whose reply has not left.</summary>
    public int ConnectionRequestsMax { get; init; } = 1024;

    /// <summary>Bytes of those requests and of the replies reserved for them.</summary>
    public long ConnectionBytesMax { get; init; } = 32 << 20;

    /// <summary>A peer that makes no progress for this long in the middle of a record, or takes no replies, is closed.</summary>
    public TimeSpan StallMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same while other connections stand in line for the memory that such peers hold: 2 MiB of replies, the most
    /// that is sent at once, in this time is a link of 4 Mbit/s.
    /// </summary>
    public TimeSpan StallWantedMax { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A connection without a request for this long is closed; clients reconnect by themselves.</summary>
    public TimeSpan IdleMax { get; init; } = TimeSpan.FromHours(1);
}
