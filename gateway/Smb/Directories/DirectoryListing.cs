using Gateway.FileSystem;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Directories;

/// <summary>What one QUERY_DIRECTORY wants.</summary>
internal sealed class DirectoryListing
{
    public required FileInformationClass InformationClass { get; init; }

    public bool SingleEntry { get; init; }

    /// <summary>Attributes of the directory when it is the root of the share: what ".." shows there.</summary>
    public NodeAttributes? ShareRoot { get; init; }

    /// <summary>Set for clients that have switched READDIR_ATTR on.</summary>
    public AppleListing? Apple { get; init; }

    public bool WantsShortNames => Apple is null && InformationClass is FileInformationClass.BothDirectory
        or FileInformationClass.IdBothDirectory
        or FileInformationClass.IdExtdBothDirectory;
}
