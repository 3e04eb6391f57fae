using Gateway.FileSystem.Opens;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>Which opens become durable.</summary>
internal static class CreateDurable
{
    /// <summary>How long a durable open of the first version waits for its client: as Windows does.</summary>
    private static readonly TimeSpan DurableTimeout = TimeSpan.FromMinutes(16);

    /// <summary>
    /// MS-SMB2 3.3.5.9.6 and .10: only a client that caches the open itself needs it back, where the open is not persistent.
    /// </summary>
    public static DurableGrant? Grant(CreateCall call, Open file)
    {
        var owner = call.Request.Session.Token.User;
        if (file.Persistent is { } persistent)
            return new DurableGrant(2, persistent.Timeout, persistent.CreateGuid, owner, IsPersistent: true);
        if (file.IsDirectory || !SmbOpen.CachesHandle(file))
            return null;
        if (call.DurableV2 is not { } durable)
            return call.Contexts.DurableRequest ? new DurableGrant(1, DurableTimeout, Guid.Empty, owner) : null;
        return new DurableGrant(2, CreatePersistent.TimeoutOf(durable), durable.CreateGuid, owner);
    }
}
