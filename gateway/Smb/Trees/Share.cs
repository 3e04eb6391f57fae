using Gateway.FileSystem;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;

namespace Gateway.Smb.Trees;

/// <summary>What clients see under a name of their own (MS-SMB2 3.3.1.6).</summary>
internal sealed record Share
{
    public required string Name { get; init; }

    public string Comment { get; init; } = "";

    public ShareType Type { get; init; } = ShareType.Disk;

    /// <summary>The volume; null for pipes.</summary>
    public FileTree? Files { get; init; }

    /// <summary>Names from the volume's root down to the directory that is shared.</summary>
    public IReadOnlyList<byte[]> Directory { get; init; } = [];

    public bool IsReadOnly { get; init; }

    /// <summary>Only encrypted requests are let in.</summary>
    public bool EncryptData { get; init; }

    /// <summary>Whether a WRITE may be acknowledged before it is durable; if not, every WRITE is written through.</summary>
    public bool IsWriteBack { get; init; }

    /// <summary>
    /// Opens of clients that ask for it are persistent (MS-SMB2 3.3.1.6 IsCA). Every WRITE is written through then: never
    /// together with <see cref="IsWriteBack"/>.
    /// </summary>
    public bool IsContinuous { get; init; }

    /// <summary>Opens may have leases and oplocks.</summary>
    public bool IsCaching { get; init; } = true;

    /// <summary>Clients that ask get what macOS needs: the AAPL create context and what it changes.</summary>
    public bool IsApple { get; init; } = true;

    /// <summary>macOS may offer the share for backups.</summary>
    public bool IsTimeMachine { get; init; } = true;

    /// <summary>Names that are shown as hidden.</summary>
    public HiddenNames Hidden { get; init; } = HiddenNames.None;

    /// <summary>Files have named streams; if not, only their content is there for clients of this share.</summary>
    public bool HasStreams { get; init; } = true;

    /// <summary>Listings leave out what the user may not read (MS-SMB2 3.3.1.6 DoAccessBasedDirectoryEnumeration).</summary>
    public bool IsAccessBased { get; init; }

    /// <summary>
    /// A list that a client sets with SE_DACL_AUTO_INHERITED keeps that mark; if not, only together with
    /// SE_DACL_AUTO_INHERIT_REQ, as on Windows (MS-DTYP 2.5.3.4.2).
    /// </summary>
    public bool KeepsAutoInherited { get; init; }

    /// <summary>Shown to who asks for the list of shares.</summary>
    public bool IsListed => !Name.EndsWith('$');

    /// <summary>The directory that is shared, as it is now.</summary>
    public async ValueTask<(NtStatus Status, NodeId Root)> FindRootAsync(CancellationToken cancellation)
    {
        var found = Files!.Root;
        foreach (var name in Directory)
        {
            var looked = await Files.LookupAsync(found, name, Caller.Root, cancellation);
            if (looked.Status == FileStatus.Unavailable) return (looked.Status.ToNtStatus(), default);
            if (looked.Status != FileStatus.Ok || looked.Attributes.Type != NodeType.Directory)
                return (NtStatus.BadNetworkName, default);

            found = looked.Attributes.Node;
        }

        return (NtStatus.Success, found);
    }
}
