using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO that gives a file another name or a further one: MS-FSA 2.1.5.15.11 and 2.1.5.15.6.</summary>
internal static class SetNames
{
    /// <summary>Flags that ask for what is not done: removing an open target from under its opens.</summary>
    private const FileRenameFlags Refused = FileRenameFlags.PosixSemantics | FileRenameFlags.IgnoreReadOnlyAttribute;

    public static ValueTask<NtStatus> RenameAsync(SmbRequest request, Open file, ReadOnlySpan<byte> buffer, bool extended)
    {
        var status = TryParse(buffer, extended, out var path, out var replaces);
        if (status != NtStatus.Success) return new(status);
        if (path.Names.Count == 0)
        {
            return path.Stream.IsEmpty && !path.NamesData
                ? new(NtStatus.ObjectNameInvalid)
                : RenameStreamAsync(request, file, path, replaces);
        }

        if (!path.Stream.IsEmpty || path.NamesData || file.IsStream) return new(NtStatus.InvalidParameter);
        return RenameAsync(request, file, path, replaces);
    }

    public static ValueTask<NtStatus> LinkAsync(SmbRequest request, Open file, ReadOnlySpan<byte> buffer)
    {
        // Nothing that was granted at open says so for this class.
        if (request.Tree.Share.IsReadOnly) return new(NtStatus.AccessDenied);
        var status = TryParse(buffer, extended: false, out var path, out var replaces);
        if (status != NtStatus.Success) return new(status);
        if (path.Names.Count == 0 || !path.Stream.IsEmpty || path.NamesData || file.IsStream)
            return new(NtStatus.InvalidParameter);
        return LinkAsync(request, file, path, replaces);
    }

    private static NtStatus TryParse(ReadOnlySpan<byte> buffer, bool extended, out SmbPath path, out bool replaces)
    {
        path = SmbPath.Root;
        replaces = false;
        if (!FileRenameInformation.TryParse(buffer, extended, out var information)) return NtStatus.InvalidParameter;

        // MS-FSCC 2.4.37.2: over the network there is no directory to start from but the share's root.
        if (information.RootDirectory != 0) return NtStatus.InvalidParameter;
        if ((information.Flags & Refused) != 0) return NtStatus.NotSupported;
        replaces = (information.Flags & FileRenameFlags.ReplaceIfExists) != 0;

        var name = information.FileName;
        if (name is [(byte)'\\', 0, ..]) name = name[sizeof(char)..];
        return SmbPath.TryParse(name, out path);
    }

    private static async ValueTask<NtStatus> RenameAsync(SmbRequest request, Open file, SmbPath path, bool replaces)
    {
        var (status, directory) = await FindDirectoryAsync(request, file, path);
        if (status != NtStatus.Success) return status;

        // macOS renames directories while it has files in them open, as it does with its own file systems.
        var posix = request.Session.IsApple;
        var wait = new BreakWait(request);
        return wait.StatusOf(
            await file.RenameAsync(directory, path.Names[^1], replaces, posix, wait.Begin, request.Aborted));
    }

    private static async ValueTask<NtStatus> LinkAsync(SmbRequest request, Open file, SmbPath path, bool replaces)
    {
        var (status, directory) = await FindDirectoryAsync(request, file, path);
        if (status != NtStatus.Success) return status;

        var wait = new BreakWait(request);
        var linked = await file.LinkAsync(directory, path.Names[^1], replaces, wait.Begin, request.Aborted);
        return linked == FileStatus.Exists && request.Header.IsReplay && await IsLinkedAsync(file, directory, path)
            ? NtStatus.Success
            : wait.StatusOf(linked);
    }

    /// <summary>The request was carried out before, and only its answer got lost.</summary>
    private static async ValueTask<bool> IsLinkedAsync(Open file, NodeId directory, SmbPath path)
    {
        var found = await file.Tree.WalkAsync(directory, [path.Names[^1]], NameMatch.IgnoreCase, null);
        return found.Status == FileStatus.Ok && found.Attributes.Node == file.File;
    }

    private static async ValueTask<NtStatus> RenameStreamAsync(
        SmbRequest request, Open file, SmbPath path, bool replaces)
    {
        // The main content keeps its place, and nothing can take it.
        if (!file.IsStream || path.NamesData) return NtStatus.InvalidParameter;
        var wait = new BreakWait(request);
        return wait.StatusOf(await file.RenameStreamAsync(path.Stream, replaces, wait.Begin, request.Aborted));
    }

    /// <summary>The directory that the new name is in, by the path from the share's root.</summary>
    private static async ValueTask<(NtStatus Status, NodeId Directory)> FindDirectoryAsync(
        SmbRequest request, Open file, SmbPath path)
    {
        if (path.Names.Count == 1) return (NtStatus.Success, request.Tree.Root);

        var names = new ReadOnlyMemory<byte>[path.Names.Count - 1];
        for (var index = 0; index < names.Length; index++) names[index] = path.Names[index];
        var walk = await file.Tree.WalkAsync(request.Tree.Root, names, NameMatch.IgnoreCase, file.Token, request.Aborted);
        return walk.Status switch
        {
            FileStatus.Ok when walk.Attributes.Type == NodeType.Directory => (NtStatus.Success, walk.Attributes.Node),
            FileStatus.Ok or FileStatus.NoEntry or FileStatus.PathNotFound or FileStatus.NotDirectory =>
                (NtStatus.ObjectPathNotFound, default),
            _ => (walk.Status.ToNtStatus(), default),
        };
    }
}
