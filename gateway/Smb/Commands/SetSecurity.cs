using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO of the security descriptor: MS-SMB2 3.3.5.21.3, MS-FSA 2.1.5.17.</summary>
internal static class SetSecurity
{
    public static ValueTask<NtStatus> RunAsync(
        SmbRequest request, Open file, uint additionalInformation, ReadOnlySpan<byte> buffer)
    {
        var parts = (SecurityInformation)additionalInformation;
        var needed = SecurityAccess.ToSet(parts);
        if ((file.Access & needed) != needed) return new(NtStatus.AccessDenied);
        if (!SecurityDescriptor.TryParse(buffer, out var given)) return new(NtStatus.InvalidSecurityDescriptor);

        if (request.Tree.Share.KeepsAutoInherited) given = given.KeepingAutoInherited();
        var takesOwner = (parts & SecurityInformation.Owner) != 0 && given.Owner is not null;
        if (takesOwner && !AccessCheck.AllowsOwner(given.Owner!, file.Token)) return new(NtStatus.InvalidOwner);
        if (!request.Session.IsApple || (parts & SecurityInformation.Dacl) == 0) return SetAsync(request, file, given, parts);

        given = NfsAccessEntries.Take(given, out var mode);
        return mode is { } bits ? SetWithModeAsync(request, file, given, parts, bits) : SetAsync(request, file, given, parts);
    }

    /// <summary>A mode that is the file's already came from a query before, and must not take the list's place.</summary>
    private static async ValueTask<NtStatus> SetWithModeAsync(
        SmbRequest request, Open file, SecurityDescriptor given, SecurityInformation parts, uint mode)
    {
        var described = await file.Tree.GetAttributesAsync(file.File, request.Aborted);
        if (described.Status != FileStatus.Ok) return described.Status.ToNtStatus();

        var status = await SetAsync(request, file, given, parts);
        return status == NtStatus.Success && mode != described.Attributes.Mode
            ? (await file.SetAttributesAsync(new AttributeChanges { Mode = mode }, request.Aborted)).ToNtStatus()
            : status;
    }

    private static async ValueTask<NtStatus> SetAsync(
        SmbRequest request, Open file, SecurityDescriptor given, SecurityInformation parts)
    {
        var read = await file.Tree.ReadDescriptorAsync(file.File, request.Aborted);
        if (read.Status != FileStatus.Ok) return read.Status.ToNtStatus();

        var merged = read.Descriptor!.With(given, parts);
        return (await file.Tree.SetDescriptorAsync(file.File, merged, file.Caller, request.Aborted)).Status.ToNtStatus();
    }
}
