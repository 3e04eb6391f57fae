using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>A CREATE whose answer the client has not seen, and sends again.</summary>
internal static class CreateReplay
{
    /// <summary>MS-SMB2 3.3.5.9.10: a CREATE with this name is carried out once.</summary>
    public static async ValueTask<NtStatus> OpenAsync(CreateCall call, Guid createGuid)
    {
        var replays = call.Request.Server.Opens.Replays;
        var client = call.Request.Connection.ClientGuid;
        if (!replays.TryReserve(client, createGuid, out var made))
        {
            if (!call.Request.Header.IsReplay)
                return NtStatus.DuplicateObjectid;
            return made is null ? NtStatus.FileNotAvailable : await AnswerAgainAsync(call, made);
        }

        // The client sends it again when it loses this connection: until the answer is known, that must not be a second
        // open that waits behind the first.
        var status = NtStatus.Unsuccessful;
        call.Request.MayOutliveConnection = !call.Request.HasNext;
        try
        {
            status = await CreateFile.OpenAsync(call);
        }
        finally
        {
            if (status != NtStatus.Success)
                replays.Release(client, createGuid);
        }

        return status;
    }

    /// <summary>By the session and tree that it was made by; a persistent one whose client is away by any of its share.</summary>
    private static bool IsReached(CreateCall call, SmbOpen open) =>
        open.Session is { } session
            ? session == call.Request.Session && open.IsOf(call.Request.Tree)
            : open.IsPersistent && open.Share == call.Request.Tree.Share;

    private static async ValueTask<NtStatus> AnswerAgainAsync(CreateCall call, SmbOpen open)
    {
        if (open.File is not { } file || !IsReached(call, open))
            return NtStatus.DuplicateObjectid;
        if (open.IsPersistent && !open.Durable!.Owner.Equals(call.Request.Session.Token.User))
            return NtStatus.AccessDenied;
        var isLease = call.Caching.Level == OplockLevel.Lease;
        if (isLease != (file.Lease is not null) || (isLease && file.Lease!.Key != call.Caching.Key))
            return NtStatus.AccessDenied;
        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok)
            return attributes.Status.ToNtStatus();
        var isAway = open.Session is null;
        if (isAway)
        {
            // The client lost its connection, or its gateway, before it saw the answer: it takes the open up with it.
            var status = await call.Request.Server.Opens.ReattachAsync(open, call.Request.Tree);
            if (status != NtStatus.Success)
                return status;
            call.Request.WhenAnswered(open.ReleaseBreaks);
        }

        var answer = isAway
            ? CreateAnswer.OfTakenUp(call, open, file, attributes.Attributes)
            : CreateAnswer.Of(call, open, file, attributes.Attributes, file.Access);
        // As Windows: the oplock is what this request asked for, though nothing is changed by it.
        if (!isLease)
        {
            answer = answer with { OplockLevel = (Smb2OplockLevel)call.Caching.Level };
            if (call.Caching.Level != OplockLevel.Batch && !open.IsPersistent)
                answer = answer with { DurableV2 = null };
        }

        CreateAnswer.Write(call, open, answer);
        return NtStatus.Success;
    }
}
