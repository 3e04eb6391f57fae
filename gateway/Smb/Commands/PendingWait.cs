using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>
/// Lets a handler wait for something that may take for ever: the client is told so when the waiting begins, and it ends
/// with CANCEL, with the connection, or at once when no more requests may wait (MS-SMB2 3.3.4.2).
/// </summary>
internal sealed class PendingWait : IDisposable
{
    private readonly SmbRequest _request;
    private readonly CancellationTokenSource _stop;
    private bool _refused;

    public PendingWait(SmbRequest request)
    {
        _request = request;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(request.Aborted);
    }

    /// <summary>Ends the waiting.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>What the client is told when the waiting was given up.</summary>
    public NtStatus GivenUp => _refused ? NtStatus.InsufficientResources : NtStatus.Cancelled;

    /// <summary>To be called when the waiting begins.</summary>
    public void Begin()
    {
        if (_request.TryPend()) return;

        _refused = true;
        _stop.Cancel();
    }

    public void Dispose() => _stop.Dispose();
}
