namespace Gateway.Sockets;

/// <summary>What the clients of all protocols together may make the process hold of their requests and of the replies.</summary>
internal sealed class TransferMemory
{
    public const long RequestBytesMax = 56 << 20;

    public const long ReplyBytesMax = 56 << 20;

    public TransferBudget Requests { get; } = new(RequestBytesMax);

    /// <summary>
    /// Apart from the requests' budget: a message holds its request while it waits for room for its reply, and the holders
    /// of reply room always end.
    /// </summary>
    public TransferBudget Replies { get; } = new(ReplyBytesMax);

    /// <summary>Bytes held for requests and reserved for replies right now.</summary>
    public long HeldBytes => Requests.Used + Replies.Used;

    /// <summary>True while somebody waits for memory that others hold.</summary>
    public bool IsWanted => Requests.IsWantedByOthers || Replies.IsWantedByOthers;

    /// <summary>
    /// Bytes one connection may hold now: its own limit, and no more than what all others together still find free. So
    /// any few that hold on to theirs leave room for the rest, and one alone may use its limit.
    /// </summary>
    public long ShareBytes(long connectionBytesMax) => Math.Min(connectionBytesMax, Math.Min(Requests.Free, Replies.Free));
}
