using Gateway.FileSystem;
using Gateway.FileSystem.Names;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Apple;

/// <summary>
/// The two streams that macOS keeps beside a file's content. A client makes them before it knows that it has something to
/// write: as long as they say nothing, they are not there for who lists or opens streams.
/// </summary>
internal static class AppleStreams
{
    public static readonly byte[] AfpInfoName = [.. "AFP_AfpInfo"u8];
    public static readonly byte[] ResourceName = [.. "AFP_Resource"u8];

    public static bool IsAfpInfo(Share share, Open file) =>
        file.IsStream && share.IsApple && CaseFolding.AreEqual(file.StreamName.Span, AfpInfoName);

    /// <summary>False for a stream of macOS that says nothing, or nothing that makes sense.</summary>
    public static ValueTask<bool> IsShownAsync(
        Share share, FileTree files, NodeId stream, ReadOnlyMemory<byte> name, long size, Caller caller)
    {
        if (!share.IsApple) return new(true);
        if (CaseFolding.AreEqual(name.Span, ResourceName)) return new(size > 0);
        if (!CaseFolding.AreEqual(name.Span, AfpInfoName)) return new(true);
        return size == AfpMetadata.Bytes ? IsTellingAsync(files, stream, caller) : new(false);
    }

    private static async ValueTask<bool> IsTellingAsync(FileTree files, NodeId stream, Caller caller)
    {
        var content = new byte[AfpMetadata.Bytes];
        var read = await files.ReadAsync(stream, 0, content, caller, DataAccess.CheckedAtOpen);

        // What cannot be read now is shown: who opens it is told why.
        return read.Status != FileStatus.Ok || AfpMetadata.IsTelling(content.AsSpan(0, read.Bytes));
    }
}
