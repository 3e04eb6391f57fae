using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO of times and attributes: MS-FSCC 2.4.7, MS-FSA 2.1.5.15.2.</summary>
internal static class SetBasicInformation
{
    /// <summary>Attributes of which a client's "none" takes nothing away.</summary>
    private const DosAttributes Kept = DosAttributes.Sparse;

    public static ValueTask<NtStatus> RunAsync(SmbOpen open, ReadOnlySpan<byte> buffer)
    {
        if (!FileBasicInformation.TryParse(buffer, out var basic)) return new(NtStatus.InfoLengthMismatch);

        var settable = FileBasicInformation.IsSettable(basic.CreationTime)
            && FileBasicInformation.IsSettable(basic.LastAccessTime)
            && FileBasicInformation.IsSettable(basic.LastWriteTime)
            && FileBasicInformation.IsSettable(basic.ChangeTime);
        var misfit = open.File!.Type == NodeType.Directory ? Smb2FileAttributes.Temporary : Smb2FileAttributes.Directory;
        if (!settable || (basic.FileAttributes & misfit) != 0) return new(NtStatus.InvalidParameter);
        return SetAsync(open, open.File, basic);
    }

    private static async ValueTask<NtStatus> SetAsync(SmbOpen open, Open file, FileBasicInformation basic)
    {
        var changes = new AttributeChanges
        {
            BirthTime = Change(basic.CreationTime),
            AccessTime = Change(basic.LastAccessTime),
            ModifyTime = Change(basic.LastWriteTime),
            DeclaredChangeTime = IsTime(basic.ChangeTime) ? SmbAttributes.ToTimestamp(basic.ChangeTime) : null,
        };
        if (basic.FileAttributes != Smb2FileAttributes.None)
        {
            var described = await file.GetAttributesAsync();
            if (described.Status != FileStatus.Ok) return described.Status.ToNtStatus();
            var kept = open.IsHiddenByName ? Kept | DosAttributes.Hidden : Kept;
            var given = basic.FileAttributes.ToDos();

            // A client that writes back what it was shown does not mean to hide the file by itself.
            if (open.IsHiddenByName) given &= ~DosAttributes.Hidden;
            changes = changes with { Dos = given | (described.Attributes.Dos & kept) };
        }

        Keep(file, basic);
        if (changes != default) return (await file.SetAttributesAsync(changes)).ToNtStatus();

        // Windows shows a write time that it has held back also after a client set nothing.
        file.ShowWriteTime();
        return NtStatus.Success;
    }

    /// <summary>
    /// A time that was set, and one that is frozen, is left alone by what comes by the open from now on, until it is
    /// thawed. The creation time changes by nothing else in any case.
    /// </summary>
    private static void Keep(Open file, in FileBasicInformation basic)
    {
        if (basic.LastAccessTime != FileBasicInformation.Unchanged)
            file.KeepAccessTime(basic.LastAccessTime != FileBasicInformation.Thaw);
        if (basic.LastWriteTime != FileBasicInformation.Unchanged)
            file.KeepWriteTime(basic.LastWriteTime != FileBasicInformation.Thaw);
        if (basic.ChangeTime != FileBasicInformation.Unchanged)
            file.KeepChangeTime(basic.ChangeTime != FileBasicInformation.Thaw);
    }

    private static TimeChange Change(long time) =>
        IsTime(time) ? TimeChange.To(SmbAttributes.ToTimestamp(time)) : default;

    private static bool IsTime(long time) =>
        time is not (FileBasicInformation.Unchanged or FileBasicInformation.Freeze or FileBasicInformation.Thaw);
}
