using System.Buffers.Binary;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_INFO of the security descriptor: MS-SMB2 3.3.5.20.3, MS-FSA 2.1.5.14.</summary>
internal static class QuerySecurity
{
    public static async ValueTask<NtStatus> RunAsync(
        SmbRequest request, Open file, uint additionalInformation, int outputBytesMax)
    {
        var wanted = (SecurityInformation)additionalInformation;
        var needed = SecurityAccess.ToRead(wanted);
        if ((file.Access & needed) != needed) return NtStatus.AccessDenied;

        var read = await file.Tree.ReadDescriptorAsync(file.File, request.Aborted);
        if (read.Status != FileStatus.Ok) return read.Status.ToNtStatus();

        var descriptor = read.Descriptor!;
        if (request.Session.IsApple && (wanted & SecurityInformation.Dacl) != 0)
        {
            var described = await file.Tree.GetAttributesAsync(file.File, request.Aborted);
            if (described.Status != FileStatus.Ok) return described.Status.ToNtStatus();
            descriptor = NfsAccessEntries.Show(descriptor, described.Attributes);
        }

        var bytes = descriptor.ToBytes(wanted);
        if (bytes.Length > outputBytesMax)
        {
            // Never a part of it: the client is told what it needs.
            var length = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)bytes.Length);
            request.ErrorData = length;
            return NtStatus.BufferTooSmall;
        }

        bytes.CopyTo(InformationResponse.Begin(request, bytes.Length));
        return InformationResponse.End(request, outputBytesMax);
    }
}
