using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>What an open asks for (MS-SMB2 3.3.5.9, MS-FSA 2.1.5.1), in no protocol's encoding.</summary>
public sealed record OpenRequest
{
    /// <summary>The directory the path starts from.</summary>
    public required NodeId Root { get; init; }

    /// <summary>Names from the root, in UTF-8; none for the root itself.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Path { get; init; }

    /// <summary>Name of a stream of the file; empty for its main content.</summary>
    public ReadOnlyMemory<byte> Stream { get; init; }

    /// <summary>Wanted rights; generic ones and MAXIMUM_ALLOWED too.</summary>
    public required AccessMask Access { get; init; }

    public required ShareModes Share { get; init; }

    public required OpenDisposition Disposition { get; init; }

    public OpenOptions Options { get; init; }

    /// <summary>Of a file that is made or overwritten.</summary>
    public DosAttributes Attributes { get; init; }

    /// <summary>Bytes that a file which is made or overwritten is going to take: NoSpace when they are not free. Not kept free.</summary>
    public long AllocationBytes { get; init; }

    /// <summary>Of a file that is made; null to inherit.</summary>
    public SecurityDescriptor? Descriptor { get; init; }

    /// <summary>Of a file that is made or overwritten.</summary>
    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    public required SecurityToken Token { get; init; }

    /// <summary>Nothing of the share may be changed.</summary>
    public bool ReadOnlyShare { get; init; }

    public CachingRequest Caching { get; init; }

    /// <summary>The ClientGuid of the connection: where lease keys belong.</summary>
    public Guid Client { get; init; }

    public required IOpenHolder Holder { get; init; }

    /// <summary>
    /// Makes the open persistent, unless it is one of a directory or there are too many: then it is as any other (<see
    /// cref="Open.IsPersistent"/>).
    /// </summary>
    public PersistentGrant? Persistent { get; init; }

    /// <summary>Called once, before the open waits for others to give up their caching.</summary>
    public Action? Pending { get; init; }

    /// <summary>All that the caller may do with the file, when an open of it has shown that; null asks descriptors.</summary>
    internal AccessMask? Maximal { get; init; }
}
