using Gateway.Protocol.Lsarpc;

namespace Gateway.Smb.Pipes;

/// <summary>The context handles of one association. They stand for nothing but that they were opened.</summary>
/// <remarks>Not safe for use by two threads at a time. A handle is good in its association only, so it needs no secret.</remarks>
internal sealed class ContextHandles
{
    private readonly HashSet<Guid> _open = [];
    private int _last;

    /// <summary>Null when there are too many.</summary>
    public PolicyHandle? Open()
    {
        if (_open.Count >= PipeLimits.ContextsMax) return null;

        var handle = new PolicyHandle(new Guid(unchecked(++_last), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
        _open.Add(handle.Uuid);
        return handle;
    }

    public bool IsOpen(PolicyHandle handle) => _open.Contains(handle.Uuid);

    public bool Close(PolicyHandle handle) => _open.Remove(handle.Uuid);
}
