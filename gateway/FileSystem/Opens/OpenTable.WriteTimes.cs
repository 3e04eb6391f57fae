namespace Gateway.FileSystem.Opens;

public sealed partial class OpenTable
{
    private int _holds;

    /// <summary>
    /// The write time that clients with opens are shown while a newer one is held back; null when it is the file's own.
    /// Costs one comparison while nothing is held back.
    /// </summary>
    internal Timestamp? HeldWriteTime(NodeId file) =>
        Volatile.Read(ref _holds) != 0 && Find(file)?.Hold is { } hold && IsHeld(hold) ? hold.Shown : null;

    /// <summary>Shows the file's own write time from now on.</summary>
    internal void ShowWriteTime(NodeId file)
    {
        if (Volatile.Read(ref _holds) != 0 && Find(file) is { } entry) ShowWriteTime(entry);
    }

    internal void ShowWriteTime(OpenedFile file)
    {
        if (file.Hold is null) return;
        lock (file.Sync)
        {
            if (file.Hold is null) return;
            file.Hold = null;
            Interlocked.Decrement(ref _holds);
        }
    }

    /// <summary>
    /// Before a write: its time is held back, that of an open's first write for a short while and others longer, unless
    /// writes do not move the write time at all.
    /// </summary>
    internal void HoldWriteTime(OpenedFile file, bool isFirst)
    {
        var now = _clock.GetTimestamp();
        file.WrittenAt = now;
        if (file.KeepsWriteTime || (!isFirst && file.Hold is { } held && IsHeld(held))) return;

        // Its own as long as nothing is held back; read outside the lock, as reading rows may take a while.
        if (Tree.FindModifyTime(file.Node) is not { } modified) return;
        var until = now + TicksOf(isFirst ? _options.WriteTimeDelay : _options.WriteTimeDelayMax);
        lock (file.Sync)
        {
            var present = file.Hold;
            if (file.IsRetired) return;
            if (present is null) Interlocked.Increment(ref _holds);
            file.Hold = present is not null && IsHeld(present)
                ? present with { Until = Math.Min(present.Until, until) }
                : new WriteTimeHold(modified, until);
        }
    }

    /// <summary>The last write is not shown, and long enough ago that the end of the open is another time.</summary>
    internal bool HidesOldWrite(OpenedFile file) =>
        file.Hold is { } hold && IsHeld(hold) && _clock.GetElapsedTime(file.WrittenAt) > _options.WriteTimeDelay;

    private bool IsHeld(WriteTimeHold hold) => _clock.GetTimestamp() < hold.Until;

    private long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);
}
