using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Names;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Directories;

/// <summary>What one QUERY_DIRECTORY wants.</summary>
internal sealed class DirectoryListing
{
    public required FileInformationClass InformationClass { get; init; }

    public bool SingleEntry { get; init; }

    /// <summary>Attributes of the directory when it is the root of the share: what ".." shows there.</summary>
    public NodeAttributes? ShareRoot { get; init; }

    /// <summary>Names that are shown as hidden.</summary>
    public HiddenNames Hidden { get; init; } = HiddenNames.None;

    /// <summary>Set where only what this user may read is shown.</summary>
    public SecurityToken? Reader { get; init; }

    /// <summary>Set for clients that have switched READDIR_ATTR on.</summary>
    public AppleListing? Apple { get; init; }

    public bool WantsShortNames => Apple is null && InformationClass is FileInformationClass.BothDirectory
        or FileInformationClass.IdBothDirectory
        or FileInformationClass.IdExtdBothDirectory;

    /// <summary>What a client asks of an open directory, and what its share and its session make of that.</summary>
    public static async ValueTask<DirectoryListing> MakeAsync(
        SmbRequest request, SmbOpen open, FileInformationClass informationClass, bool singleEntry)
    {
        var directory = open.File!;
        NodeAttributes? root = null;
        if (directory.File == request.Tree.Root)
        {
            var described = await directory.GetAttributesAsync(request.Aborted);
            if (described.Status == FileStatus.Ok) root = described.Attributes;
        }

        var share = request.Tree.Share;
        return new DirectoryListing
        {
            InformationClass = informationClass,
            SingleEntry = singleEntry,
            ShareRoot = root,
            Hidden = share.Hidden,
            Reader = share.IsAccessBased ? request.Session.Token : null,
            Apple = open.ReadsAppleAttributes && informationClass == FileInformationClass.IdBothDirectory
                ? new AppleListing(request.Tree.Files, directory.Caller, (uint)request.Tree.MaximalAccess)
                : null,
        };
    }
}
