namespace Gateway.Smb.Commands;

/// <summary>Between the client and the breaks that an open has to wait for.</summary>
internal sealed class BreakWait(SmbRequest request)
{
    /// <summary>The client may have no more requests pending.</summary>
    public bool IsRefused { get; private set; }

    public void Begin()
    {
        // A compound whose rest waits behind the open gets no interim answer, and waits in silence.
        if (request.TryPend() || request.IsPendRefused)
            return;
        IsRefused = true;
        request.Cancellation.Mark()?.Cancel();
    }
}
