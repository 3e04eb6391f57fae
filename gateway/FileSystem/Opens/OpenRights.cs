using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// The rights of an open: MS-FSA 2.1.5.1.2.1 and MS-SMB2 3.3.5.9, on the descriptor of the file and, for deletion, of
/// its directory.
/// </summary>
internal static class OpenRights
{
    /// <summary>Bits that are no right at all (MS-SMB2 2.2.13.1).</summary>
    private const AccessMask Undefined = (AccessMask)0x0CE0FE00;

    private const AccessMask DataWrites = AccessMask.WriteData | AccessMask.AppendData;

    private const AccessMask Writes = DataWrites | AccessMask.WriteExtendedAttributes | AccessMask.DeleteChild
        | AccessMask.WriteAttributes | AccessMask.Delete | AccessMask.WriteDacl | AccessMask.WriteOwner;

    /// <summary>Ok, or why nobody may be given such rights.</summary>
    public static FileStatus Check(AccessMask wanted, SecurityToken token)
    {
        if (wanted == AccessMask.None || (wanted & Undefined) != 0) return FileStatus.AccessDenied;
        return (wanted & AccessMask.AccessSystemSecurity) != 0 && !token.IsAdministrator
            ? FileStatus.PrivilegeNotHeld
            : FileStatus.Ok;
    }

    /// <summary>All that the caller may do with an existing file.</summary>
    /// <param name="directory">Where it was found; null for the root.</param>
    public static async ValueTask<(FileStatus Status, AccessMask Rights)> MaximalAsync(
        FileTree tree, OpenRequest request, NodeAttributes node, NodeId? directory, CancellationToken cancellation)
    {
        if (request.Maximal is { } known) return (FileStatus.Ok, known);

        var (status, rights) = await GrantedAsync(tree, node.Node, directory, request.Token, cancellation);

        // Means nothing for a file, but is among all rights, which clients like to ask for; no mode bit stands for it.
        if (!node.HasDescriptor && node.Type != NodeType.Directory && (rights & AccessMask.WriteData) != 0)
            rights |= AccessMask.DeleteChild;
        return (status, Limit(rights, request, node));
    }

    /// <summary>What the descriptors of a node and of its directory let the caller do.</summary>
    public static async ValueTask<(FileStatus Status, AccessMask Rights)> GrantedAsync(
        FileTree tree, NodeId node, NodeId? directory, SecurityToken token, CancellationToken cancellation)
    {
        var own = await tree.ReadDescriptorAsync(node, cancellation);
        if (own.Descriptor is not { } descriptor) return (own.Status, AccessMask.None);
        if (directory is not { } above) return (FileStatus.Ok, AccessCheck.Granted(descriptor, null, token) & AccessMask.FileAll);

        var around = await tree.ReadDescriptorAsync(above, cancellation);
        return around.Descriptor is { } parent
            ? (FileStatus.Ok, AccessCheck.Granted(descriptor, parent, token) & AccessMask.FileAll)
            : (around.Status, AccessMask.None);
    }

    /// <summary>What the read-only attribute and a read-only share leave of rights.</summary>
    public static AccessMask Limit(AccessMask rights, OpenRequest request, NodeAttributes node)
    {
        if (node.Type != NodeType.Directory && (node.Dos & DosAttributes.ReadOnly) != 0) rights &= ~DataWrites;
        return request.ReadOnlyShare ? rights & ~Writes : rights;
    }

    /// <summary>The rights that are granted of those wanted; AccessDenied when one is missing.</summary>
    public static FileStatus Grant(OpenRequest request, AccessMask maximal, out AccessMask granted)
    {
        var wanted = AccessCheck.MapGeneric(request.Access);
        granted = wanted & ~AccessMask.MaximumAllowed;
        var needed = granted & ~AccessMask.AccessSystemSecurity;
        if (Overwrites(request.Disposition)) needed |= AccessMask.WriteData;
        if ((needed & ~maximal) != 0) return FileStatus.AccessDenied;
        if ((wanted & AccessMask.MaximumAllowed) != 0) granted |= maximal;

        // The handle deletes, so it must be allowed to.
        return (request.Options & OpenOptions.DeleteOnClose) != 0 && (granted & AccessMask.Delete) == 0
            ? FileStatus.InvalidArgument
            : FileStatus.Ok;
    }

    public static bool Overwrites(OpenDisposition disposition) =>
        disposition is OpenDisposition.Supersede or OpenDisposition.Overwrite or OpenDisposition.OverwriteIf;
}
