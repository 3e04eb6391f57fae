namespace Gateway.FileSystem.Opens;

/// <summary>What a client may keep to itself, all its opens under one key together (MS-SMB2 2.2.13.2.8).</summary>
[Flags]
public enum LeaseState : byte
{
    None = 0,

    /// <summary>It may keep what it read.</summary>
    Read = 1,

    /// <summary>It may keep opens that its programs closed.</summary>
    Handle = 2,

    /// <summary>It may keep what it writes.</summary>
    Write = 4,

    All = 7,
}
