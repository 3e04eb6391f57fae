using System.Runtime.InteropServices;
using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>Why a file could not be opened, as CREATE says it.</summary>
internal static class CreateFailure
{
    public static async ValueTask<NtStatus> TellAsync(CreateCall call, OpenResult result)
    {
        switch (result.Status)
        {
            case FileStatus.StoppedOnSymbolicLink:
                call.Request.ErrorData = await DescribeLinkAsync(call, result);
                return NtStatus.StoppedOnSymlink;

            // A file stands where the path needs a directory.
            case FileStatus.NotDirectory when result.NamesLeft > 0:
                return NtStatus.ObjectPathNotFound;
            default:
                return result.Status.ToNtStatus();
        }
    }

    /// <summary>MS-SMB2 2.2.2.2.1: the client goes on by itself, from where the link leads.</summary>
    private static async ValueTask<byte[]> DescribeLinkAsync(CreateCall call, OpenResult result)
    {
        var link = await call.Request.Tree.Files.ReadLinkAsync(result.Attributes.Node, Caller.Root);
        var text = Encoding.UTF8.GetString(link.Target.Span).Replace('/', '\\');
        return SymbolicLinkError.ToBytes(
            Encoding.Unicode.GetBytes(text), UnparsedBytes(call, result.NamesLeft), isRelative: !text.StartsWith('\\'));
    }

    private static int UnparsedBytes(CreateCall call, int namesLeft)
    {
        // Read once before, so it reads again.
        var text = CreateRequest.TryParse(call.Request.Message.Span, out var asked)
            ? MemoryMarshal.Cast<byte, char>(asked.Name)
            : default;
        var start = text.Length;
        for (; namesLeft > 0; namesLeft--)
            start = text[..start].LastIndexOf('\\');
        return sizeof(char) * (text.Length - Math.Max(start, 0));
    }
}
