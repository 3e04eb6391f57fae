using Gateway.FileSystem.Opens;

namespace Gateway.FileSystem;

/// <summary>Who asks, after the protocol has squashed or mapped the identity. Uid 0 may do everything.</summary>
public readonly struct Caller(uint uid, uint gid, ReadOnlyMemory<uint> groups = default)
{
    /// <summary>Supplementary groups beyond this are ignored.</summary>
    public const int GroupsMax = 1024;

    public uint Uid { get; } = uid;

    public uint Gid { get; } = gid;

    public ReadOnlyMemory<uint> Groups { get; } = groups.Length <= GroupsMax ? groups : groups[..GroupsMax];

    /// <summary>
    /// Rights were checked when the open was made that the caller acts through: mode bits and ownership are not asked
    /// again, but what is made belongs to the caller.
    /// </summary>
    public bool IsTrusted { get; init; }

    /// <summary>The open an operation comes by: what its own holder caches is not broken. Null for NFS.</summary>
    public Open? Through { get; init; }

    public bool IsRoot => Uid == 0;

    /// <summary>Comes by an open that changes leave the declared change time of the file alone.</summary>
    internal bool KeepsDeclared => Through is { KeepsChangeTime: true };

    /// <summary>May do everything.</summary>
    internal bool IsUnbound => IsRoot || IsTrusted;

    public static Caller Root => new(0, 0);

    public Caller Trusted() => this with { IsTrusted = true };

    public bool IsMember(uint group) => Gid == group || Groups.Span.Contains(group);
}
