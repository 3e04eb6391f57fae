using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Apple;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO of a file: MS-SMB2 3.3.5.21.1, MS-FSA 2.1.5.15.</summary>
internal static class SetFileInformation
{
    public static ValueTask<NtStatus> RunAsync(
        SmbRequest request, SmbOpen open, FileInformationClass informationClass, ReadOnlySpan<byte> buffer)
    {
        var file = open.File!;
        var needed = NeededAccess(informationClass);
        if ((file.Access & needed) != needed) return new(NtStatus.AccessDenied);

        return informationClass switch
        {
            FileInformationClass.Basic => SetBasicInformation.RunAsync(open, buffer),
            FileInformationClass.Rename => SetNames.RenameAsync(request, file, buffer, extended: false),
            FileInformationClass.RenameEx => SetNames.RenameAsync(request, file, buffer, extended: true),
            FileInformationClass.Link => SetNames.LinkAsync(request, file, buffer),
            FileInformationClass.Disposition => SetDispositionAsync(request, file, buffer, extended: false),
            FileInformationClass.DispositionEx => SetDispositionAsync(request, file, buffer, extended: true),
            FileInformationClass.Position => new(SetPosition(open, buffer)),
            FileInformationClass.FullEa => SetExtendedAttributes.RunAsync(file, buffer),
            FileInformationClass.Mode => new(SetMode(open, buffer)),
            FileInformationClass.Allocation => SetSizeAsync(request, file, buffer, mayGrow: false),
            FileInformationClass.EndOfFile => SetSizeAsync(request, file, buffer, mayGrow: true),
            FileInformationClass.ValidDataLength => SetValidDataLengthAsync(file, buffer),

            // Short names are made of the long ones; they cannot be chosen.
            FileInformationClass.ShortName => new(NtStatus.NotSupported),
            _ => new(NtStatus.InvalidInfoClass),
        };
    }

    /// <summary>What the open must have been granted (MS-SMB2 3.3.5.21.1).</summary>
    private static AccessMask NeededAccess(FileInformationClass informationClass) => informationClass switch
    {
        FileInformationClass.Basic => AccessMask.WriteAttributes,
        FileInformationClass.Rename or FileInformationClass.RenameEx => AccessMask.Delete,
        FileInformationClass.Disposition or FileInformationClass.DispositionEx => AccessMask.Delete,
        FileInformationClass.FullEa => AccessMask.WriteExtendedAttributes,
        FileInformationClass.Allocation or FileInformationClass.EndOfFile => AccessMask.WriteData,
        FileInformationClass.ValidDataLength => AccessMask.WriteData,
        _ => AccessMask.None,
    };

    private static async ValueTask<NtStatus> SetDispositionAsync(SmbRequest request, Open file, FileDispositionFlags flags)
    {
        var wait = new BreakWait(request);
        return wait.StatusOf(await file.SetDeletePendingAsync(
            (flags & FileDispositionFlags.Delete) != 0, wait.Begin, request.Aborted));
    }

    private static ValueTask<NtStatus> SetDispositionAsync(
        SmbRequest request, Open file, ReadOnlySpan<byte> buffer, bool extended)
    {
        if (!FileDispositionInformation.TryParse(buffer, extended, out var flags)) return new(NtStatus.InfoLengthMismatch);

        // A name goes with its last open; removing it from under the others is not done, and clients then ask without.
        return (flags & ~FileDispositionFlags.Delete) != 0
            ? new(NtStatus.NotSupported)
            : SetDispositionAsync(request, file, flags);
    }

    private static NtStatus SetPosition(SmbOpen open, ReadOnlySpan<byte> buffer)
    {
        if (!FileScalarInformation.TryParse(buffer, out long position)) return NtStatus.InfoLengthMismatch;
        if (position < 0) return NtStatus.InvalidParameter;
        open.Queries.Position = position;
        return NtStatus.Success;
    }

    private static NtStatus SetMode(SmbOpen open, ReadOnlySpan<byte> buffer)
    {
        const OpenOptions synchronous = OpenOptions.SynchronousAlert | OpenOptions.SynchronousNonAlert;
        const OpenOptions known = OpenOptions.WriteThrough | OpenOptions.SequentialOnly | synchronous;
        if (!FileScalarInformation.TryParse(buffer, out uint mode)) return NtStatus.InfoLengthMismatch;
        if (((OpenOptions)mode & ~known) != 0 || ((OpenOptions)mode & synchronous) == synchronous)
            return NtStatus.InvalidParameter;
        open.Queries.Mode = mode;
        return NtStatus.Success;
    }

    private static ValueTask<NtStatus> SetSizeAsync(
        SmbRequest request, Open file, ReadOnlySpan<byte> buffer, bool mayGrow)
    {
        if (!FileScalarInformation.TryParse(buffer, out long size)) return new(NtStatus.InfoLengthMismatch);
        if (size < 0 || file.IsDirectory) return new(NtStatus.InvalidParameter);
        if (AppleStreams.IsAfpInfo(request.Tree.Share, file)) return new(AfpInfoStream.SetSize(mayGrow ? size : 0));
        if (!mayGrow) return AllocateAsync(file, size);
        return size == 0 && file.IsStream && request.Session.IsApple ? EmptyAsync(file) : CutAsync(file, size);
    }

    private static async ValueTask<NtStatus> EmptyAsync(Open file)
    {
        var status = await CutAsync(file, 0);
        if (status == NtStatus.Success) AppleStreams.Emptied(file);
        return status;
    }

    private static async ValueTask<NtStatus> AllocateAsync(Open file, long size) =>
        (await file.AllocateAsync(size)).ToNtStatus();

    private static async ValueTask<NtStatus> CutAsync(Open file, long size) =>
        (await file.SetAttributesAsync(new AttributeChanges { Size = size })).ToNtStatus();

    /// <summary>
    /// What was never written reads as zeros here, so all of a file is valid: there is nothing to do, for those whom
    /// NTFS would let.
    /// </summary>
    private static ValueTask<NtStatus> SetValidDataLengthAsync(Open file, ReadOnlySpan<byte> buffer)
    {
        if (!FileScalarInformation.TryParse(buffer, out long length)) return new(NtStatus.InfoLengthMismatch);
        if (length < 0 || file.IsDirectory) return new(NtStatus.InvalidParameter);
        if (!file.Token.IsAdministrator) return new(NtStatus.PrivilegeNotHeld);
        return CheckValidDataLengthAsync(file, length);
    }

    private static async ValueTask<NtStatus> CheckValidDataLengthAsync(Open file, long length)
    {
        var described = await file.GetAttributesAsync();
        if (described.Status != FileStatus.Ok) return described.Status.ToNtStatus();
        return length == described.Attributes.Size ? NtStatus.Success : NtStatus.InvalidParameter;
    }
}
