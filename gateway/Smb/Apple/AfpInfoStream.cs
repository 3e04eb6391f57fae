using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Apple;

/// <summary>Content of the stream AFP_AfpInfo: always of the one form and length, whatever is written and cut.</summary>
internal static class AfpInfoStream
{
    /// <summary>Fills in what an empty stream reads as; gives how many bytes.</summary>
    public static int ReadBlank(long offset, Span<byte> destination)
    {
        if (offset >= AfpMetadata.Bytes) return 0;

        Span<byte> blank = stackalloc byte[AfpMetadata.Bytes];
        AfpMetadata.WriteBlank(blank);
        var rest = blank[(int)offset..];
        if (rest.Length > destination.Length) rest = rest[..destination.Length];
        rest.CopyTo(destination);
        return rest.Length;
    }

    /// <summary>
    /// A write that is not signed, or is neither from the beginning nor whole, is refused; one that ends before FinderInfo
    /// changes nothing; what is beyond the structure is left out.
    /// </summary>
    public static async ValueTask<NtStatus> WriteAsync(
        Open file, long offset, ReadOnlyMemory<byte> data, WriteStability stability)
    {
        if (!AfpMetadata.IsSigned(data.Span) || (offset != 0 && data.Length < AfpMetadata.Bytes)) return NtStatus.InvalidParameter;
        if (data.Length <= AfpMetadata.FinderInfoOffset) return NtStatus.Success;

        var content = new byte[AfpMetadata.Bytes];
        if (data.Length < content.Length)
        {
            var read = await file.ReadAsync(0, content);
            if (read.Status != FileStatus.Ok) return read.Status.ToNtStatus();
            if (read.Bytes < content.Length) AfpMetadata.WriteBlank(content);
        }

        data.Span[..Math.Min(data.Length, content.Length)].CopyTo(content);
        return (await file.WriteAsync(0, new ReadOnlySequence<byte>(content), stability)).Status.ToNtStatus();
    }

    /// <summary>The stream cannot be longer than its structure, and is not cut.</summary>
    public static NtStatus SetSize(long size) =>
        size > AfpMetadata.Bytes ? NtStatus.AllottedSpaceExceeded : NtStatus.Success;
}
