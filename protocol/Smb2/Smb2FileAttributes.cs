namespace Gateway.Protocol.Smb2;

/// <summary>File attributes, MS-FSCC 2.6.</summary>
[Flags]
public enum Smb2FileAttributes : uint
{
    None = 0,
    ReadOnly = 0x1,
    Hidden = 0x2,
    System = 0x4,
    Directory = 0x10,
    Archive = 0x20,

    /// <summary>No other attribute is set; never together with one.</summary>
    Normal = 0x80,
    Temporary = 0x100,
    SparseFile = 0x200,
    ReparsePoint = 0x400,
    Compressed = 0x800,
    Offline = 0x1000,
    NotContentIndexed = 0x2000,
    Encrypted = 0x4000,
    IntegrityStream = 0x8000,
    NoScrub = 0x20000,

    /// <summary>What a client may set; the rest says what the file is.</summary>
    Settable = ReadOnly | Hidden | System | Archive | Temporary | Offline | NotContentIndexed,

    /// <summary>FILE_ATTRIBUTE_ bits that a CREATE may name at all (MS-SMB2 3.3.5.9: others are refused).</summary>
    Known = 0x7FB7,
}
