namespace Gateway.FileSystem.Opens;

/// <summary>What the client of an open may keep to itself (MS-SMB2 2.2.13, RequestedOplockLevel).</summary>
public enum OplockLevel : byte
{
    None = 0,

    /// <summary>It may keep what it read.</summary>
    LevelTwo = 1,

    /// <summary>It may also keep what it writes.</summary>
    Exclusive = 8,

    /// <summary>It may also keep the open itself.</summary>
    Batch = 9,

    /// <summary>A <see cref="Opens.Lease"/> says it.</summary>
    Lease = 0xFF,
}
