using Gateway.FileSystem;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>Between the client and the breaks that its request has to wait for (MS-SMB2 3.3.4.2).</summary>
internal sealed class BreakWait(SmbRequest request)
{
    /// <summary>The client may have no more requests pending.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>To be called when the waiting begins; again when it begins again.</summary>
    public void Begin()
    {
        // A compound whose rest waits behind the request gets no interim answer, and waits in silence: clients open,
        // rename and close in one.
        if (request.TryPend() || request.IsPendRefused)
            return;
        IsRefused = true;
        request.Cancellation.Mark()?.Cancel();
    }

    /// <summary>What the client is told at the end.</summary>
    public NtStatus StatusOf(FileStatus status) =>
        IsRefused && status == FileStatus.Cancelled ? NtStatus.InsufficientResources : status.ToNtStatus();
}
