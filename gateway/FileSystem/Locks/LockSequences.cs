namespace Gateway.FileSystem.Locks;

/// <summary>
/// Which numbered lock requests of an open were carried out last, so that those sent again are not carried out twice
/// (MS-SMB2 3.3.1.10, LockSequenceArray).
/// </summary>
/// <remarks>Threading: any.</remarks>
public sealed class LockSequences
{
    private const int Indexes = 64;

    private readonly Lock _gate = new();
    private byte[]? _last;

    internal LockSequences()
    {
    }

    /// <summary>
    /// True when the request with this number was the last one of its index to be carried out. If not, none counts as
    /// carried out until <see cref="Complete"/>.
    /// </summary>
    public bool IsReplay(LockNumber request)
    {
        lock (_gate)
        {
            if (_last is null || !Counts(request)) return false;
            ref var last = ref _last[request.Index - 1];
            if (last == Stored(request)) return true;

            last = 0;
            return false;
        }
    }

    /// <summary>The request with this number was carried out.</summary>
    public void Complete(LockNumber request)
    {
        if (!Counts(request)) return;

        lock (_gate)
        {
            _last ??= new byte[Indexes];
            _last[request.Index - 1] = Stored(request);
        }
    }

    /// <summary>As it will be once the request is carried out; null for one that has no number.</summary>
    internal byte[]? After(LockNumber request)
    {
        if (!Counts(request)) return null;

        lock (_gate)
        {
            var after = _last is null ? new byte[Indexes] : [.. _last];
            after[request.Index - 1] = Stored(request);
            return after;
        }
    }

    /// <summary>Takes over what <see cref="After"/> gave in an earlier epoch.</summary>
    internal void Restore(byte[] last)
    {
        lock (_gate)
        {
            if (last.Length == Indexes) _last = last;
        }
    }

    private static bool Counts(LockNumber request) => request.Index is > 0 and <= Indexes;

    /// <summary>Zero means none.</summary>
    private static byte Stored(LockNumber request) => (byte)(request.Number + 1);
}

/// <summary>The number of a lock request within its index, 1 to 64 (MS-SMB2 2.2.26, LockSequence); index 0 has none.</summary>
public readonly record struct LockNumber(uint Index, byte Number);
