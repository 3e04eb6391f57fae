using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>Opens that outlive the gateway: when they are asked for, and by what name.</summary>
internal static class CreatePersistent
{
    /// <summary>MS-SMB2 3.3.5.9.10: when the client leaves it to the server.</summary>
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromMinutes(5);

    /// <summary>The share has persistent opens, and the client knows of them.</summary>
    public static bool IsOffered(CreateCall call) =>
        call.Request.Tree.Share.IsContinuous
        && (call.Request.Connection.Negotiation.ServerCapabilities & Smb2Capabilities.PersistentHandles) != 0;

    /// <summary>How long an open of the second version waits for its client.</summary>
    public static TimeSpan TimeoutOf(DurableRequestV2 durable)
    {
        if (durable.TimeoutMilliseconds == 0)
            return TimeoutDefault;
        var asked = TimeSpan.FromMilliseconds(durable.TimeoutMilliseconds);
        return asked < TimeoutMax ? asked : TimeoutMax;
    }

    /// <summary>
    /// MS-SMB2 3.3.5.9.10: what is asked of the file system when the client wants a persistent open and can have it; null
    /// otherwise, or when the volume is not available.
    /// </summary>
    public static async ValueTask<PersistentGrant?> AskAsync(CreateCall call)
    {
        if (call.DurableV2 is not { } durable
            || (durable.Flags & DurableFlags.Persistent) == 0
            || durable.CreateGuid == Guid.Empty
            || !IsOffered(call)
            || await call.Request.Tree.Files.Opens.TakePersistentIdAsync() is not { } id)
        {
            return null;
        }

        return new PersistentGrant
        {
            Id = id,
            CreateGuid = durable.CreateGuid,
            Share = call.Request.Tree.Share.Name,
            Timeout = TimeoutOf(durable),
            Application = call.Contexts.AppInstanceId,
        };
    }

    /// <summary>A client that has not seen the answer does not know the id, but what it called the CREATE (MS-SMB2 3.3.5.9.12).</summary>
    public static bool IsNamed(CreateCall call, DurableReconnectV2 reconnect, out Guid create)
    {
        create = reconnect.CreateGuid;
        return (reconnect.Flags & DurableFlags.Persistent) != 0 && IsOffered(call);
    }
}
