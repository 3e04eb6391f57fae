namespace Gateway.FileSystem.Notices;

/// <summary>What of a node changed. The bits are those of the completion filter of MS-SMB2 2.2.35.</summary>
[Flags]
public enum ChangedParts : uint
{
    None = 0,
    FileName = 0x1,
    DirectoryName = 0x2,
    Attributes = 0x4,
    Size = 0x8,
    LastWrite = 0x10,
    LastAccess = 0x20,
    Creation = 0x40,
    ExtendedAttributes = 0x80,
    Security = 0x100,
    StreamName = 0x200,
    StreamSize = 0x400,
    StreamWrite = 0x800,
}
