namespace Gateway.FileSystem.Opens;

/// <summary>What to do when the name exists, or does not (MS-SMB2 2.2.13, CreateDisposition).</summary>
public enum OpenDisposition : byte
{
    /// <summary>Replaces an existing file, else makes one.</summary>
    Supersede = 0,

    /// <summary>Takes an existing file only.</summary>
    Open = 1,

    /// <summary>Makes a file only.</summary>
    Create = 2,

    /// <summary>Takes an existing file, else makes one.</summary>
    OpenIf = 3,

    /// <summary>Cuts an existing file only.</summary>
    Overwrite = 4,

    /// <summary>Cuts an existing file, else makes one.</summary>
    OverwriteIf = 5,
}
