using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

// What is sent before a response.
internal sealed partial class RequestFlow
{
    /// <summary>Requests that were answered with STATUS_PENDING and are not complete.</summary>
    public int PendingCount => _running.PendingCount;

    /// <summary>
    /// Answers the request with STATUS_PENDING (MS-SMB2 3.3.4.2); false when it may not be pending. What waits for its answer
    /// waits no longer: the request may wait for that itself.
    /// </summary>
    public bool TryPend(SmbRequest request)
    {
        var isPending = TryAnswerPending(request);
        request.TellAnswered();
        return isPending;
    }

    private bool TryAnswerPending(SmbRequest request)
    {
        // Only a CREATE that waits for a break may hold up a compound; others must be its last element.
        if (request.HasNext && request.Header.Command != Smb2Command.Create)
        {
            request.IsPendRefused = true;
            return false;
        }

        if (!TrySuspend(request)) return false;

        var asyncId = _running.BeginPending(request);
        if (asyncId == 0) return false;

        // What is done of the compound is not held back with it.
        if (request.Response.Done.Count > 0) responses.Send(ResponseAssembly.Detach(request, _window));
        request.SetPending(asyncId);
        responses.Send(ResponseAssembly.Interim(request, _window));
        return true;
    }

    // What waits, who knows how long, must hold up neither transfers nor the requests behind it.
    private bool TrySuspend(SmbRequest request)
    {
        if (request.PendingCharge > 0) return true;
        if (!_server.TryHoldPending(request)) return false;

        responses.Suspend(request);
        return true;
    }

    /// <summary>The element that was pending has been answered; the next one of the compound is not pending.</summary>
    public void EndPending(SmbRequest request) => _running.EndPending(request.AsyncId);
}
