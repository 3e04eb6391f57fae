using System.Runtime.CompilerServices;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Smb;

// How a request is carried out, without a state machine of its own. All of it belongs to the connection.
internal sealed partial class SmbRequest
{
    private readonly Action _resume;
    private ConfiguredValueTaskAwaitable<NtStatus>.ConfiguredValueTaskAwaiter _running;

    /// <summary>When the handler began; 0 when nobody measures.</summary>
    internal long StartedTimestamp { get; set; }

    /// <summary>Signs the response instead of the session's channel: the key of a session that is being set up.</summary>
    internal Smb2Signer? ResponseSigner { get; set; }

    /// <summary>Of the session's channel when the element was let in; the session may be over when it ends.</summary>
    internal Smb2Signer? ChannelSigner { get; set; }

    /// <summary>Takes in the response as it goes to the wire (MS-SMB2 3.1.4.4).</summary>
    internal PreauthHash? Transcript { get; set; }

    /// <summary>The connection ends once the response has left.</summary>
    internal bool ClosesConnection { get; set; }

    /// <summary>No response is sent.</summary>
    internal bool IsDropped { get; set; }

    /// <summary>Decrypted and verified, or found to be wrong.</summary>
    internal bool IsInspected { get; set; }

    /// <summary>What is wrong with the message: the connection is closed when its turn comes.</summary>
    internal string? Violation { get; set; }

    /// <summary>The thread that read the message is still carrying it out.</summary>
    internal bool IsOnReader { get; set; }

    /// <summary>Neighbours in the list of running requests.</summary>
    internal SmbRequest? PreviousRunning { get; set; }

    internal SmbRequest? NextRunning { get; set; }

    internal bool IsRunning { get; set; }

    /// <summary>
    /// The volume is being lost here (FileStatus.Unavailable). A client of a continuous share that is cut off comes again, to
    /// whoever serves it, and its programs see a pause; one that is answered tells them of an error.
    /// </summary>
    internal bool MustNotTell(NtStatus status) =>
        status == NtStatus.InsufficientServerResources && Tree is { IsContinuous: true };

    /// <summary>Runs a handler: true when it has ended at once, otherwise the connection is told when it has.</summary>
    internal bool TryRun(SmbHandler handler, out NtStatus status)
    {
        try
        {
            // Kept in a field and consumed exactly once: a pooled request needs no state machine.
#pragma warning disable CA2012
            _running = handler(this).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception error)
        {
            LeaveOpen();
            status = FailWith(error);
            return true;
        }

        if (_running.IsCompleted)
        {
            status = TakeResult();
            return true;
        }

        status = NtStatus.Pending;
        IsOnReader = false;
        _running.UnsafeOnCompleted(_resume);
        return false;
    }

    private void Resume() => Connection.Flow.Continue(this, TakeResult());

    private NtStatus TakeResult()
    {
        LeaveOpen();
        try
        {
            return _running.GetResult();
        }
        catch (Exception error)
        {
            return FailWith(error);
        }
    }

    // What went wrong in a handler is logged; the client is told no more than that.
    private NtStatus FailWith(Exception error)
    {
        if (error is OperationCanceledException && Cancellation.IsCancelled) return NtStatus.Cancelled;

        Server.ReportFailure(this, error);
        return NtStatus.InternalError;
    }

    private void ResetRun()
    {
        _running = default;
        StartedTimestamp = 0;
        ResponseSigner = null;
        ChannelSigner = null;
        Transcript = null;
        ClosesConnection = IsDropped = IsInspected = IsOnReader = IsRunning = false;
        Violation = null;
        PreviousRunning = NextRunning = null;
    }
}
