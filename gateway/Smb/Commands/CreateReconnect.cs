using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>Durable and persistent opens: how their clients come back for them.</summary>
internal static class CreateReconnect
{
    /// <summary>
    /// MS-SMB2 3.3.5.9.7 and .12. Everything in the request but the contexts, and the name when there is a lease, is
    /// ignored.
    /// </summary>
    public static async ValueTask<NtStatus> OpenAsync(CreateCall call)
    {
        var opens = call.Request.Server.Opens;
        if (Find(call) is not { } open || open.File is not { } file || !IsMeant(call, open, file))
            return await RefuseAsync(call, NtStatus.ObjectNameNotFound);
        if (!open.Durable!.Owner.Equals(call.Request.Session.Token.User))
            return NtStatus.AccessDenied;
        if (file.Lease is not null && !await IsNamedAsync(call, file))
            return await RefuseAsync(call, NtStatus.InvalidParameter);
        var attributes = await file.GetAttributesAsync();
        if (attributes.Status == FileStatus.Unavailable)
            return attributes.Status.ToNtStatus();
        if (attributes.Status != FileStatus.Ok)
            return await RefuseAsync(call, NtStatus.ObjectNameNotFound);
        var status = await opens.ReattachAsync(open, call.Request.Tree);
        if (status != NtStatus.Success)
            return status;
        var answer = CreateAnswer.OfTakenUp(call, open, file, attributes.Attributes);
        CreateAnswer.Write(call, open, answer with { Action = CreateAction.Opened });
        call.Request.WhenAnswered(open.ReleaseBreaks);
        return NtStatus.Success;
    }

    /// <summary>
    /// Only the owner of the volume knows that an open is not there: a gateway that was paused and has lost the volume would make
    /// the client give up what the next owner keeps for it.
    /// </summary>
    private static async ValueTask<NtStatus> RefuseAsync(CreateCall call, NtStatus refusal) =>
        await call.Request.Tree.Share.Files!.ConfirmOwnedAsync(call.Request.Aborted) ? refusal : FileStatus.Unavailable.ToNtStatus();

    /// <summary>A client that does not know the id, as it has not seen the answer, may name a persistent open.</summary>
    private static SmbOpen? Find(CreateCall call)
    {
        var opens = call.Request.Server.Opens;
        if (opens.TryGetDurable((call.ReconnectV2?.File ?? call.Contexts.DurableReconnect!.Value).Persistent, out var open))
            return open;
        return call.ReconnectV2 is { } reconnect
            && CreatePersistent.IsNamed(call, reconnect, out var create)
            && opens.Replays.Find(call.Request.Connection.ClientGuid, create) is { IsPersistent: true } named
            ? named
            : null;
    }

    private static bool IsMeant(CreateCall call, SmbOpen open, Open file)
    {
        // A handle of the first version has no name but zero; one of the second may be asked for as if it were the first.
        var isSame = call.ReconnectV2 is not { } reconnect || open.Durable!.CreateGuid == reconnect.CreateGuid;
        if (!isSame || open.Share != call.Request.Tree.Share)
            return false;
        if (open.IsPersistent && ((call.ReconnectV2?.Flags ?? default) & DurableFlags.Persistent) == 0)
            return false;

        // The lease must be named, and only the client that has it may.
        if (file.Lease is not { } lease)
            return call.Contexts.Lease is null;
        return call.Contexts.Lease is { } named
            && named.Key == lease.Key
            && named.Version == lease.Version
            && open.ClientGuid == call.Request.Connection.ClientGuid;
    }

    private static async ValueTask<bool> IsNamedAsync(CreateCall call, Open file) =>
        await file.PathAsync() is { } names
            && SmbPath.ToWire(names).Equals(SmbPath.ToWire(call.Path.Names), StringComparison.OrdinalIgnoreCase)
            && file.StreamName.Span.SequenceEqual(call.Path.Stream.Span);
}
