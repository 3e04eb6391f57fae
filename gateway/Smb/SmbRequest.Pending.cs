namespace Gateway.Smb;

// The asynchronous side of a request: STATUS_PENDING, CANCEL and the end of the connection (MS-SMB2 3.3.4.2, 3.3.5.16).
internal sealed partial class SmbRequest
{
    /// <summary>Nobody waits any more: CANCEL has come, or the connection has ended.</summary>
    public CancellationToken Aborted => Cancellation.Token;

    /// <summary>Identifies the request to CANCEL once it has been answered with STATUS_PENDING; 0 before.</summary>
    public ulong AsyncId { get; private set; }

    public bool IsPending => AsyncId != 0;

    /// <summary>
    /// Tells the client that the answer will take a while, once. False when it may not: too many requests are pending
    /// (the handler then fails with STATUS_INSUFFICIENT_RESOURCES), or others of a compound wait behind this one.
    /// </summary>
    public bool TryPend()
    {
        return IsPending || Connection.Flow.TryPend(this);
    }

    // What follows belongs to the connection.

    /// <summary>TryPend was refused because elements of a compound wait behind this one.</summary>
    internal bool IsPendRefused { get; set; }

    internal RequestCancellation Cancellation { get; } = new();

    /// <summary>
    /// The request may go on when its connection ends while the session has another one, where the client asks for it
    /// again (MS-SMB2 3.3.5.9.10). Who sets it ends it with the session.
    /// </summary>
    internal bool MayOutliveConnection { get; set; }

    internal bool OutlivesConnection => MayOutliveConnection && Session.HasFurtherChannels;

    /// <summary>The current element has been answered: CANCEL does not reach it any more.</summary>
    internal void EndPending()
    {
        IsPendRefused = false;
        if (!IsPending) return;

        Connection.Flow.EndPending(this);
        AsyncId = 0;
    }

    internal void SetPending(ulong asyncId) => AsyncId = asyncId;

    private void ResetPending()
    {
        Cancellation.Reset();
        AsyncId = 0;
        IsPendRefused = MayOutliveConnection = false;
    }
}
