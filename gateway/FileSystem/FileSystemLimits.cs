namespace Gateway.FileSystem;

/// <summary>Limits of every volume.</summary>
public static class FileSystemLimits
{
    public const long FileBytesMax = long.MaxValue;

    public const int NameBytesMax = 255;

    /// <summary>PATH_MAX less the terminator.</summary>
    public const int SymbolicLinkBytesMax = 4095;

    /// <summary>Hard links of one file.</summary>
    public const int LinksMax = int.MaxValue;

    /// <summary>Named streams of one file.</summary>
    public const int StreamsMax = 1024;

    /// <summary>Extended attributes of one node, as OS/2 counts them.</summary>
    public const int ExtendedAttributesBytesMax = 64 << 10;

    public const int ExtendedAttributeNameBytesMax = 255;

    /// <summary>Largest single read or write.</summary>
    public const int TransferBytesMax = 4 << 20;

    /// <summary>Less is cheaper copied than shared: sharing leaves extents that every later read has to walk.</summary>
    public const int CloneBytesMin = 64 << 10;

    /// <summary>Cookies of the entries "." and ".."; those of real entries follow and are never reused.</summary>
    public const ulong CookieOfSelf = 1;

    public const ulong CookieOfParent = 2;

    public const ulong FirstEntryCookie = 3;
}
