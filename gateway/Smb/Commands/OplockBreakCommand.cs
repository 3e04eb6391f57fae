using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>OPLOCK_BREAK: the client answers a break of an oplock or a lease (MS-SMB2 3.3.5.22).</summary>
internal static class OplockBreakCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        // The size of the structure is all that tells the two apart.
        var message = request.Message.Span;
        if (LeaseBreak.TryParse(message, out var lease))
            return AcknowledgeLeaseAsync(request, lease);
        return OplockBreak.TryParse(message, out var oplock)
            ? AcknowledgeOplockAsync(request, oplock)
            : new(NtStatus.InvalidParameter);
    }

    /// <summary>MS-SMB2 3.3.5.22.1, with the status that Windows and Samba give to what nobody asked for.</summary>
    private static async ValueTask<NtStatus> AcknowledgeOplockAsync(SmbRequest request, OplockBreak asked)
    {
        if (asked.Level is not (Smb2OplockLevel.None or Smb2OplockLevel.LevelII))
            return NtStatus.InvalidParameter;
        var status = request.TryGetOpen(asked.File, out var open);
        if (status != NtStatus.Success)
            return status;
        if (open.File is not { } file)
            return NtStatus.InvalidOplockProtocol;
        var acknowledged = await file.AcknowledgeOplockAsync((OplockLevel)asked.Level);
        if (acknowledged != FileStatus.Ok)
            return acknowledged == FileStatus.Unavailable ? acknowledged.ToNtStatus() : NtStatus.InvalidOplockProtocol;


        // What the open holds now: not more than it was asked to fall back to.
        new OplockBreak((Smb2OplockLevel)file.Oplock, open.Id).Write(request.Response.Reserve(OplockBreak.BodyBytes));
        return NtStatus.Success;
    }

    /// <summary>MS-SMB2 3.3.5.22.2.</summary>
    private static async ValueTask<NtStatus> AcknowledgeLeaseAsync(SmbRequest request, LeaseBreak asked)
    {
        if (request.Tree.IsPipe
            || request.Tree.Files.Opens.FindLease(request.Connection.ClientGuid, asked.Key) is not { } lease)
        {
            return NtStatus.ObjectNameNotFound;
        }

        var acknowledged = await lease.AcknowledgeAsync((LeaseState)(asked.State & Smb2LeaseState.All));
        switch (acknowledged)
        {
            case FileStatus.Ok:
                asked.Write(request.Response.Reserve(LeaseBreak.BodyBytes));
                return NtStatus.Success;
            case FileStatus.BreakRefused:
                return NtStatus.RequestNotAccepted;
            case FileStatus.Unavailable:
                return acknowledged.ToNtStatus();
            default:
                return NtStatus.Unsuccessful;
        }
    }
}
