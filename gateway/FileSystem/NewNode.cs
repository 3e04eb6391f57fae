using Gateway.FileSystem.Security;

namespace Gateway.FileSystem;

/// <summary>A node to be made with all that it has from the start, in one change.</summary>
public sealed record NewNode
{
    public required NodeId Directory { get; init; }

    public required ReadOnlyMemory<byte> Name { get; init; }

    public required NodeType Type { get; init; }

    /// <summary>Exists is answered when a name matches in this way.</summary>
    public NameMatch Match { get; init; }

    /// <summary>Permission bits; null inherits them from the directory, without execution for files.</summary>
    public uint? Mode { get; init; }

    /// <summary>Null: the caller.</summary>
    public uint? Uid { get; init; }

    /// <summary>Null: the caller's, or the directory's when that has the set-group-id bit.</summary>
    public uint? Gid { get; init; }

    public DosAttributes Dos { get; init; }

    /// <summary>Null: permission bits are all there is. Otherwise mode, owner and group come from it.</summary>
    public SecurityDescriptor? Descriptor { get; init; }

    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>Symbolic links only.</summary>
    public ReadOnlyMemory<byte> Target { get; init; }

    /// <summary>Name of a stream that is made with it; empty for none. Files and directories only.</summary>
    public ReadOnlyMemory<byte> Stream { get; init; }

    /// <summary>Who has it from the first moment; null for nobody.</summary>
    internal NodeClaim? Claim { get; init; }
}
