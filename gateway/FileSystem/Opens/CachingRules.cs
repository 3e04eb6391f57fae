using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// Who must give up caching before an open, and what the open may cache itself: MS-FSA 2.1.4.12 and 2.1.5.18 with the
/// additions of MS-SMB2 3.3.5.9.8, where Windows and Samba agree. Everything runs under the lock of the opened file.
/// </summary>
internal static class CachingRules
{
    private const AccessMask PlainStat =
        AccessMask.Synchronize | AccessMask.ReadAttributes | AccessMask.WriteAttributes;

    /// <summary>An open for attributes only disturbs nobody's oplock.</summary>
    public static bool IsStatOpen(AccessMask access) => IsWithin(access, PlainStat);

    /// <summary>An oplock in terms of leases.</summary>
    public static LeaseState StateOf(OplockLevel level) => level switch
    {
        OplockLevel.Batch => LeaseState.All,
        OplockLevel.Exclusive => LeaseState.Read | LeaseState.Write,
        OplockLevel.LevelTwo => LeaseState.Read,
        _ => LeaseState.None,
    };

    /// <summary>
    /// Breaks what stands in the way of a new open. True when it must wait for answers and then be tried anew.
    /// </summary>
    public static bool Contend(OpenedContent content, in Contender contender, BreakList breaks, out Others others)
    {
        others = default;
        var waits = false;
        foreach (var open in content.Opens)
        {
            if (open.Lease is { } lease && contender.Owns(lease)) continue;

            var state = open.Caching;
            others.Note(open, state);
            if (contender.SparesCaching(open.Lease is not null))
            {
                others.Writes |= (state & LeaseState.Write) != 0;
                continue;
            }

            waits |= Contend(open, state, contender, breaks);
        }

        return waits;
    }

    private static bool Contend(Open open, LeaseState state, in Contender contender, BreakList breaks)
    {
        var awaited = contender.Violates ? LeaseState.Handle : LeaseState.Write;
        var to = state & ~awaited;
        if (contender.Overwrites) to &= ~(LeaseState.Handle | LeaseState.Read);

        var breaking = open.Lease is { Breaking: true };
        // What breaks already is waited for; but a directory is only read anew, which concerns nobody else.
        if ((state & ~to) == 0) return breaking && !open.IsDirectory;

        // Cutting would break what is left at once.
        if (contender.Overwrites) to = LeaseState.None;
        open.BreakCaching(to, breaks);
        // Looked at once more: a client that is away loses what nobody waits for.
        return (open.Caching & awaited) != 0 || (breaking && !contender.IsFirst);
    }

    /// <summary>What the open gets of what it asked for; any oplock level in terms of leases.</summary>
    public static LeaseState Granted(
        OpenedContent content, in CachingRequest asked, in Others others, bool isDirectory)
    {
        var leases = asked.Level == OplockLevel.Lease;
        var granted = leases ? asked.State & LeaseState.All : StateOf(asked.Level);
        if ((granted & LeaseState.Read) == 0 || others.Writes || content.Locks.Any) return LeaseState.None;
        if (isDirectory || others.Any) granted &= ~LeaseState.Write;
        if (leases) return others.Oplocks ? granted & ~LeaseState.Handle : granted;
        return others.HandleCached ? LeaseState.None : granted;
    }

    /// <summary>The oplock that means the state; one without writing is level II.</summary>
    public static OplockLevel LevelOf(LeaseState state) => state switch
    {
        LeaseState.All => OplockLevel.Batch,
        LeaseState.Read | LeaseState.Write => OplockLevel.Exclusive,
        LeaseState.Read or (LeaseState.Read | LeaseState.Handle) => OplockLevel.LevelTwo,
        _ => OplockLevel.None,
    };

    internal static bool IsWithin(AccessMask access, AccessMask bits) => access != 0 && (access & ~bits) == 0;
}

/// <summary>An open about to be made, as those who cache see it.</summary>
internal readonly record struct Contender
{
    private const AccessMask LeaseStat = AccessMask.ReadControl;

    public required Guid Client { get; init; }

    public required CachingRequest Caching { get; init; }

    public required AccessMask Access { get; init; }

    /// <summary>Share modes are in its way: who caches the open itself may yet close it.</summary>
    public bool Violates { get; init; }

    /// <summary>It cuts the file, whatever its access says.</summary>
    public bool Overwrites { get; init; }

    /// <summary>It has not waited before.</summary>
    public bool IsFirst { get; init; }

    public bool Owns(Lease lease) =>
        Caching.Level == OplockLevel.Lease && lease.Key == Caching.Key && lease.Client == Client;

    /// <summary>Reading the security descriptor disturbs oplocks, but not leases.</summary>
    public bool SparesCaching(bool lease)
    {
        if (Overwrites) return false;
        return CachingRules.IsStatOpen(Access)
            || (lease && CachingRules.IsStatOpen(Access & ~LeaseStat | AccessMask.Synchronize));
    }
}

/// <summary>What other opens of the content there are.</summary>
internal struct Others
{
    /// <summary>An open that is more than a look at attributes.</summary>
    public bool Any;

    /// <summary>Somebody caches an open.</summary>
    public bool HandleCached;

    /// <summary>Somebody has an oplock.</summary>
    public bool Oplocks;

    /// <summary>Somebody goes on caching writes.</summary>
    public bool Writes;

    public void Note(Open open, LeaseState state)
    {
        Any |= open.Lease is not null || open.Oplock != OplockLevel.None || !CachingRules.IsStatOpen(open.Access);
        HandleCached |= (state & LeaseState.Handle) != 0;
        Oplocks |= open.Lease is null && open.Oplock != OplockLevel.None;
    }
}
