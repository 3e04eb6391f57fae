namespace Gateway.Smb.Opens;

/// <summary>
/// Which CREATE of a client, named by its CreateGuid, is under way or has just been done: sent again, it must not open
/// a second time (MS-SMB2 3.3.5.9.10). As soon as the client uses the open it has got the answer, and the entry goes.
/// </summary>
/// <remarks>Threading: any.</remarks>
internal sealed class ReplayTable
{
    private readonly Lock _sync = new();

    /// <summary>Null while the CREATE is under way.</summary>
    private readonly Dictionary<(Guid Client, Guid Create), SmbOpen?> _creates = [];

    /// <summary>
    /// True when the caller is the first: it calls <see cref="Complete"/> or <see cref="Release"/>. Else the open that
    /// was made, or null when it still is.
    /// </summary>
    public bool TryReserve(Guid client, Guid create, out SmbOpen? made)
    {
        lock (_sync)
        {
            if (_creates.TryGetValue((client, create), out made))
                return false;
            _creates.Add((client, create), null);
            return true;
        }
    }

    /// <summary>The open that a CREATE of this name made and that may still be asked for; null for none.</summary>
    public SmbOpen? Find(Guid client, Guid create)
    {
        lock (_sync) return _creates.GetValueOrDefault((client, create));
    }

    public void Complete(Guid client, Guid create, SmbOpen open)
    {
        lock (_sync)
        {
            _creates[(client, create)] = open;
        }
    }

    /// <summary>The CREATE failed.</summary>
    public void Release(Guid client, Guid create)
    {
        lock (_sync)
        {
            _creates.Remove((client, create));
        }
    }

    /// <summary>Removes the entry of this open, but not that of a later one with the same name.</summary>
    public void Forget(Guid client, Guid create, SmbOpen open)
    {
        lock (_sync)
        {
            if (_creates.TryGetValue((client, create), out var made) && made == open)
                _creates.Remove((client, create));
        }
    }
}
