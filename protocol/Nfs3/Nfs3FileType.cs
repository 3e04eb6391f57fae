namespace Gateway.Protocol.Nfs3;

/// <summary>ftype3, RFC 1813 §2.6.</summary>
public enum Nfs3FileType : uint
{
    Regular = 1,
    Directory = 2,
    BlockDevice = 3,
    CharacterDevice = 4,
    SymbolicLink = 5,
    Socket = 6,
    Fifo = 7,
}
