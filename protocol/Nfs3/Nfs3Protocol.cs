namespace Gateway.Protocol.Nfs3;

/// <summary>The constants of RFC 1813 §2.2 and §2.4, and the bounds of what we parse.</summary>
public static class Nfs3Protocol
{
    public const uint Program = 100003;

    public const uint Version = 3;

    /// <summary>NFS3_FHSIZE, bytes.</summary>
    public const int HandleBytesMax = 64;

    /// <summary>NFS3_COOKIEVERFSIZE, NFS3_CREATEVERFSIZE and NFS3_WRITEVERFSIZE, bytes.</summary>
    public const int VerifierBytes = 8;

    /// <summary>
    /// Bytes. The longest name we parse, well above the longest we store: an overlong name deserves
    /// NAMETOOLONG, and GARBAGE_ARGS would make the client treat the whole server as broken.
    /// </summary>
    public const int NameBytesMax = 4096;

    /// <summary>Bytes. The longest symbolic link content we parse; what is stored is shorter, as for names.</summary>
    public const int PathBytesMax = 64 << 10;

    /// <summary>Bytes. The largest READ and WRITE, and the largest READDIR reply.</summary>
    public const int TransferBytesMax = 1 << 20;
}
