
namespace Gateway.Smb.Opens;

// The answer of the CREATE may have been lost until the client uses the open (MS-SMB2 3.3.1.10, IsReplayEligible).
internal sealed partial class SmbOpen
{
    private Guid? _createGuid;

    /// <summary>The client may send the CREATE again.</summary>
    internal void AwaitReplay(Guid createGuid)
    {
        lock (_sync)
        {
            _createGuid = createGuid;
        }

        _table.Replays.Complete(ClientGuid, createGuid, this);
    }

    /// <summary>
    /// The client has used the open: it will not send the CREATE again, but for a persistent one, which stays eligible (MS-SMB2
    /// 3.3.5.2.10, IsReplayEligible).
    /// </summary>
    internal void NoteUse()
    {
        if (!IsPersistent)
            EndReplay();
    }

    /// <summary>The open is gone, or used.</summary>
    internal void EndReplay()
    {
        Guid? createGuid;
        lock (_sync)
        {
            createGuid = _createGuid;
            _createGuid = null;
        }

        if (createGuid is { } created)
            _table.Replays.Forget(ClientGuid, created, this);
    }
}
