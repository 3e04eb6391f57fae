namespace Gateway.FileSystem.Opens;

/// <summary>
/// What must be said to holders of opens once the lock of the opened file is left: notices of breaks, and opens that
/// end because their client is away.
/// </summary>
internal sealed class BreakList
{
    private List<Action>? _notices;
    private List<Open>? _ended;

    public bool EndsOpens => _ended is not null;

    public void Add(
        Lease lease, IOpenHolder holder, LeaseState from, LeaseState to, ushort epoch, bool acknowledge) =>
        (_notices ??= []).Add(() => holder.BreakLease(lease, from, to, epoch, acknowledge));

    public void Add(Open open, OplockLevel to) => (_notices ??= []).Add(() => open.Holder.BreakOplock(open, to));

    public void AddEnds(IEnumerable<Open> opens)
    {
        _ended ??= [];
        foreach (var open in opens)
        {
            if (!_ended.Contains(open)) _ended.Add(open);
        }
    }

    /// <summary>Tells the holders. Opens to end are left to <see cref="SendAsync"/>.</summary>
    public void Send()
    {
        if (_notices is null) return;
        foreach (var notice in _notices) notice();
        _notices = null;
    }

    /// <summary>Tells the holders, and ends the opens whose client is away.</summary>
    public async ValueTask SendAsync()
    {
        Send();
        if (_ended is not { } ended) return;

        _ended = null;
        foreach (var open in ended)
        {
            await open.CloseAsync();
            open.Holder.Closed(open);
        }
    }
}
