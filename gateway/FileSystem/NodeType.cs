namespace Gateway.FileSystem;

/// <summary>Kind of a node. The numbers are stored in rows and equal those of RFC 1813 ftype3.</summary>
public enum NodeType : byte
{
    File = 1,
    Directory = 2,
    BlockDevice = 3,
    CharacterDevice = 4,
    SymbolicLink = 5,
    Socket = 6,
    Fifo = 7,
}
