using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>Durable opens: which become so, and how their clients come back for them.</summary>
internal static class CreateDurable
{
    /// <summary>How long a durable open of the first version waits for its client: as Windows does.</summary>
    private static readonly TimeSpan DurableTimeout = TimeSpan.FromMinutes(16);

    /// <summary>MS-SMB2 3.3.5.9.10: when the client leaves it to the server.</summary>
    private static readonly TimeSpan DurableV2TimeoutDefault = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan DurableV2TimeoutMax = TimeSpan.FromMinutes(5);

    /// <summary>MS-SMB2 3.3.5.9.6 and .10: only a client that caches the open itself needs it back.</summary>
    public static DurableGrant? Grant(CreateCall call, Open file)
    {
        if (file.IsDirectory || !SmbOpen.CachesHandle(file))
            return null;
        var owner = call.Request.Session.Token.User;
        if (call.DurableV2 is not { } durable)
            return call.Contexts.DurableRequest ? new DurableGrant(1, DurableTimeout, Guid.Empty, owner) : null;
        var timeout = durable.TimeoutMilliseconds == 0
            ? DurableV2TimeoutDefault
            : TimeSpan.FromMilliseconds(durable.TimeoutMilliseconds);
        return new DurableGrant(
            2, timeout < DurableV2TimeoutMax ? timeout : DurableV2TimeoutMax, durable.CreateGuid, owner);
    }

    /// <summary>
    /// MS-SMB2 3.3.5.9.7 and .12. Everything in the request but the contexts, and the name when there is a lease, is
    /// ignored.
    /// </summary>
    public static async ValueTask<NtStatus> ReconnectAsync(CreateCall call)
    {
        var opens = call.Request.Server.Opens;
        var persistent = (call.ReconnectV2?.File ?? call.Contexts.DurableReconnect!.Value).Persistent;
        if (!opens.TryGetDurable(persistent, out var open) || open.File is not { } file || !IsMeant(call, open, file))
            return NtStatus.ObjectNameNotFound;
        if (!open.Durable!.Owner.Equals(call.Request.Session.Token.User))
            return NtStatus.AccessDenied;
        if (file.Lease is not null && !await IsNamedAsync(call, file))
            return NtStatus.InvalidParameter;
        var attributes = await file.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok)
            return NtStatus.ObjectNameNotFound;
        var status = opens.TryReattach(open, call.Request.Tree);
        if (status != NtStatus.Success)
            return status;
        var answer = CreateAnswer.Of(call, open, file, attributes.Attributes, file.Access);
        CreateAnswer.Write(call, open, answer with { Action = CreateAction.Opened });
        return NtStatus.Success;
    }

    private static bool IsMeant(CreateCall call, SmbOpen open, Open file)
    {
        // A handle of the first version has no name but zero; one of the second may be asked for as if it were the first.
        var isSame = call.ReconnectV2 is not { } reconnect || open.Durable!.CreateGuid == reconnect.CreateGuid;
        if (!isSame || open.Tree.Share != call.Request.Tree.Share)
            return false;

        // The lease must be named, and only the client that has it may.
        if (file.Lease is not { } lease)
            return call.Contexts.Lease is null;
        return call.Contexts.Lease is { } named
            && named.Key == lease.Key
            && open.ClientGuid == call.Request.Connection.ClientGuid;
    }

    private static async ValueTask<bool> IsNamedAsync(CreateCall call, Open file) =>
        await file.PathAsync() is { } names
            && SmbPath.ToWire(names).Equals(SmbPath.ToWire(call.Path.Names), StringComparison.OrdinalIgnoreCase)
            && file.StreamName.Span.SequenceEqual(call.Path.Stream.Span);
}
