using Gateway.FileSystem.Opens;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// The byte-range locks that opens hold on one content, by the rules of MS-FSA 2.1.4.10 and 2.1.5.8: they belong to the
/// open, do not merge, and are given up as they were taken. In memory, as they end with the open; those of persistent
/// opens are rows besides. Guarded by the lock of the opened file, except where said.
/// </summary>
internal sealed class OpenLocks
{
    private readonly List<OpenLock> _held = [];
    private TaskCompletionSource? _freed;
    private volatile int _count;

    /// <summary>May be read without the lock.</summary>
    public bool Any => _count != 0;

    public int Count => _count;

    /// <summary>The lock that is in the way of another one; null when there is none.</summary>
    public OpenLock? Conflict(in OpenLock wanted)
    {
        foreach (var held in _held)
        {
            if (held.ConflictsWith(wanted)) return held;
        }

        return null;
    }

    /// <summary>True when one of certain opens has a lock that is in the way of another one.</summary>
    public bool Conflicts(OpenLock wanted, Predicate<Open> counts) =>
        _held.Exists(held => counts(held.Owner) && held.ConflictsWith(wanted));

    /// <summary>A lock that stands against one of another protocol.</summary>
    public OpenLock? Conflict(LockRange range, bool exclusive)
    {
        foreach (var held in _held)
        {
            if ((exclusive || held.Exclusive) && held.Overlaps(range)) return held;
        }

        return null;
    }

    /// <summary>
    /// True when a read or write must not be done: an exclusive lock stands against all others, a shared one against
    /// every write, also of who holds it.
    /// </summary>
    public bool Blocks(Open by, ulong offset, ulong length, bool writes)
    {
        var range = LockRange.Of(offset, length);
        foreach (var held in _held)
        {
            var stands = held.Exclusive ? held.Owner != by : writes;
            if (stands && held.Overlaps(range)) return true;
        }

        return false;
    }

    public void Add(in OpenLock added)
    {
        _held.Add(added);
        _count = _held.Count;
    }

    /// <summary>Gives up one lock of just this range, an exclusive one first; false when there is none.</summary>
    public bool Remove(Open owner, ulong offset, ulong length, out OpenLock removed)
    {
        var found = -1;
        for (var i = 0; i < _held.Count; i++)
        {
            var held = _held[i];
            if (held.Owner != owner || held.Offset != offset || held.Length != length) continue;
            if (found < 0 || held.Exclusive) found = i;
            if (held.Exclusive) break;
        }

        removed = default;
        if (found < 0) return false;
        removed = _held[found];
        RemoveAt(found);
        return true;
    }

    /// <summary>Takes back a lock that was just added.</summary>
    public void Remove(in OpenLock added) => RemoveAt(_held.LastIndexOf(added));

    public void RemoveAll(Open owner)
    {
        if (_held.RemoveAll(held => held.Owner == owner) > 0) _count = _held.Count;

        // Also those of this open that wait: they see that it is closed.
        Wake();
    }

    public int CountOf(Open owner) => _held.Count(held => held.Owner == owner);

    /// <summary>Completes when a lock was given up. Take it under the lock, await it outside.</summary>
    public Task WhenFreed() =>
        (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Those who wait try again.</summary>
    public void Wake()
    {
        _freed?.TrySetResult();
        _freed = null;
    }

    private void RemoveAt(int index)
    {
        _held.RemoveAt(index);
        _count = _held.Count;
        Wake();
    }
}

/// <summary>A lock of an open. A length of zero locks the place between two bytes.</summary>
internal readonly record struct OpenLock(Open Owner, ulong Offset, ulong Length, bool Exclusive)
{
    /// <summary>Names the row of the lock among those of a persistent open; 0 without one.</summary>
    public ulong Id { get; init; }

    /// <summary>As others see it, who know no locks without bytes.</summary>
    public LockRange Range => Length == 0 ? new LockRange(Offset, Offset) : LockRange.Of(Offset, Length);

    /// <summary>
    /// Shared locks go together, and a shared one goes on top of the owner's exclusive one; nothing else overlaps.
    /// </summary>
    public bool ConflictsWith(in OpenLock wanted)
    {
        if (!Exclusive && !wanted.Exclusive) return false;
        if (Exclusive && !wanted.Exclusive && Owner == wanted.Owner) return false;
        return Length != 0 && Offset == wanted.Offset && Length == wanted.Length
            || Overlap(Offset, Length, wanted.Offset, wanted.Length);
    }

    public bool Overlaps(LockRange range) =>
        Length == 0
            ? range.Start < Offset && Offset <= range.Last
            : range.Start <= Offset + (Length - 1) && Offset <= range.Last;

    // Ends are behind the last byte and may be 2^64.
    private static bool Overlap(ulong a, ulong aLength, ulong b, ulong bLength) =>
        a < (UInt128)b + bLength && b < (UInt128)a + aLength;
}
