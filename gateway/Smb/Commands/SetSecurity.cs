using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;

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

        var takesOwner = (parts & SecurityInformation.Owner) != 0 && given.Owner is not null;
        if (takesOwner && !AccessCheck.AllowsOwner(given.Owner!, file.Token)) return new(NtStatus.InvalidOwner);
        return SetAsync(request, file, given, parts);
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
