namespace Gateway.FileSystem;

/// <summary>Who asks, after the protocol has squashed or mapped the identity. Uid 0 may do everything.</summary>
public readonly struct Caller(uint uid, uint gid, ReadOnlyMemory<uint> groups = default)
{
    /// <summary>Supplementary groups beyond this are ignored.</summary>
    public const int GroupsMax = 1024;

    public uint Uid { get; } = uid;

    public uint Gid { get; } = gid;

    public ReadOnlyMemory<uint> Groups { get; } = groups.Length <= GroupsMax ? groups : groups[..GroupsMax];

    public bool IsRoot => Uid == 0;

    public static Caller Root => new(0, 0);

    public bool IsMember(uint group) => Gid == group || Groups.Span.Contains(group);
}
