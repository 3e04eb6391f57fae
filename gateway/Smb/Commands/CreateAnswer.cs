using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>The answer of a CREATE for an open and the contexts that were asked for (MS-SMB2 3.3.5.9, "the response").</summary>
internal static class CreateAnswer
{
    public static CreateResponse Of(
        CreateCall call, SmbOpen open, Open file, in NodeAttributes attributes, AccessMask maximalAccess)
    {
        var lease = file.Lease;
        var shown = Show(open.Show(attributes));
        return new CreateResponse
        {
            OplockLevel = (Smb2OplockLevel)file.Oplock,
            Action = open.Action,
            File = open.Id,
            Attributes = shown,
            MaximalAccess = MaximalAccess(call, shown, maximalAccess),
            OnDiskId = call.Contexts.QueryOnDiskId ? (file.File.Inode, attributes.FileSystemId) : null,
            IsDurable = call.Contexts.DurableRequest && open.Durable is { Version: 1 },
            DurableV2 = call.DurableV2 is not null && open.Durable is { Version: 2 } durable
                ? new DurableGrantV2(
                    (uint)durable.Timeout.TotalMilliseconds, durable.IsPersistent ? DurableFlags.Persistent : DurableFlags.None)
                : null,
            Lease = lease is null ? null : Show(lease, null),
            Apple = AppleNegotiation.Answer(call),
        };
    }

    /// <summary>The same for an open that its client has just taken up: <see cref="SmbOpen.TakenUp"/>.</summary>
    public static CreateResponse OfTakenUp(CreateCall call, SmbOpen open, Open file, in NodeAttributes attributes)
    {
        var answer = Of(call, open, file, attributes, file.Access);
        return file.Lease is { } lease ? answer with { Lease = Show(lease, open.TakenUp) } : answer;
    }

    public static void Write(CreateCall call, SmbOpen open, CreateResponse response)
    {
        call.Request.ChainFile = open.Id;
        call.Request.Response.Write(response.ToBytes());
    }

    /// <summary>Times, sizes and attributes as CREATE and CLOSE tell them.</summary>
    public static OpenAttributes Show(in NodeAttributes attributes) => new()
    {
        CreationTime = attributes.BirthTime.ToFileTime(),
        LastAccessTime = attributes.AccessTime.ToFileTime(),
        LastWriteTime = attributes.ShownModifyTime().ToFileTime(),
        ChangeTime = attributes.ShownChangeTime().ToFileTime(),
        AllocationSize = attributes.AllocationSize(),
        EndOfFile = attributes.EndOfFile(),
        FileAttributes = attributes.ToSmb(),
    };

    /// <summary>MS-SMB2 3.3.5.9.5: a client that knows the file of this time already need not be told again.</summary>
    private static (NtStatus Status, uint Access)? MaximalAccess(
        CreateCall call, in OpenAttributes shown, AccessMask maximalAccess) =>
        call.Contexts.MaximalAccessTimestamp is { } timestamp && timestamp != (ulong)shown.LastWriteTime
            ? (NtStatus.Success, (uint)maximalAccess)
            : null;

    private static LeaseContext Show(Lease lease, LeaseView? takenUp)
    {
        var (state, epoch) = takenUp is { } view ? (view.State, view.Epoch) : (lease.State, lease.Epoch);
        var flags = takenUp is null && lease.Breaking ? Smb2LeaseFlags.BreakInProgress : Smb2LeaseFlags.None;
        if (lease.Version == 1)
        {
            return new LeaseContext
            {
                Version = 1,
                Key = lease.Key,
                State = (Smb2LeaseState)state,
                Flags = flags,
            };
        }

        return new LeaseContext
        {
            Version = 2,
            Key = lease.Key,
            State = (Smb2LeaseState)state,
            Flags = lease.ParentKey is null ? flags : flags | Smb2LeaseFlags.ParentKeySet,
            ParentKey = lease.ParentKey ?? Guid.Empty,
            Epoch = epoch,
        };
    }
}
