namespace Gateway.FileSystem.Opens;

/// <summary>
/// What must be said once the lock of the opened file is left: to holders of opens, notices of breaks, and which opens end
/// because their client is away; to the sequencer, what changed of persistent opens.
/// </summary>
internal sealed class BreakList
{
    private List<Action>? _notices;
    private List<Open>? _ended;
    private List<OpenedFile>? _recorded;

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

    /// <summary>
    /// What was broken without asking the holder is recorded: before anything that is done because of it, as the
    /// sequencer keeps the order.
    /// </summary>
    public void AddRecord(OpenedFile file)
    {
        _recorded ??= [];
        if (file.IsChanged && !_recorded.Contains(file)) _recorded.Add(file);
    }

    /// <summary>Tells the holders, and no more: of directories, which have no persistent opens, and after what is recorded.</summary>
    public void Send()
    {
        if (_notices is null) return;
        foreach (var notice in _notices) notice();
        _notices = null;
    }

    /// <summary>Records what changed, tells the holders, and ends the opens whose client is away.</summary>
    public ValueTask SendAsync()
    {
        if (_recorded is not null || _ended is not null) return RecordAndEndAsync();
        Send();
        return ValueTask.CompletedTask;
    }

    // When it cannot be recorded now, what changed stays marked and is recorded with the next change.
    private async ValueTask RecordAndEndAsync()
    {
        var (recorded, ended) = (_recorded, _ended);
        (_recorded, _ended) = (null, null);
        foreach (var file in recorded ?? []) await file.Table.RecordAsync(file);
        Send();
        foreach (var open in ended ?? [])
        {
            await open.CloseAsync();
            open.Holder.Closed(open);
        }
    }
}
