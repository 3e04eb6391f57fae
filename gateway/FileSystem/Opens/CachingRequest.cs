namespace Gateway.FileSystem.Opens;

/// <summary>What caching an open asks for: nothing, an oplock, or a lease.</summary>
public readonly record struct CachingRequest
{
    /// <summary><see cref="OplockLevel.Lease"/> when the lease fields count.</summary>
    public OplockLevel Level { get; private init; }

    public Guid Key { get; private init; }

    public LeaseState State { get; private init; }

    /// <summary>Version 2: key of the lease on the file's directory, which the client's own changes do not break.</summary>
    public Guid? ParentKey { get; private init; }

    /// <summary>1 for MS-SMB2 2.2.13.2.8, 2 for 2.2.13.2.10.</summary>
    public int Version { get; private init; }

    /// <summary>Version 2: the client's epoch.</summary>
    public ushort Epoch { get; private init; }

    public static CachingRequest None => default;

    public static CachingRequest Oplock(OplockLevel level) => new() { Level = level };

    public static CachingRequest Lease(Guid key, LeaseState state) =>
        new() { Level = OplockLevel.Lease, Key = key, State = state, Version = 1 };

    public static CachingRequest LeaseV2(Guid key, LeaseState state, Guid? parentKey, ushort epoch) =>
        new()
        {
            Level = OplockLevel.Lease,
            Key = key,
            State = state,
            ParentKey = parentKey,
            Version = 2,
            Epoch = epoch,
        };
}
