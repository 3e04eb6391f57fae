using Gateway.FileSystem;
using Gateway.FileSystem.Names;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Apple;

/// <summary>
/// The two streams that macOS keeps beside a file's content. A client makes them before it knows that it has something to
/// write: as long as they say nothing, they are not there for who lists or opens streams, and they go with their last open.
/// Any other stream goes so that a client which negotiated AAPL has cut to nothing.
/// </summary>
internal static class AppleStreams
{
    public static readonly byte[] AfpInfoName = [.. "AFP_AfpInfo"u8];
    public static readonly byte[] ResourceName = [.. "AFP_Resource"u8];

    public static bool IsAfpInfo(Share share, Open file) =>
        file.IsStream && share.IsApple && CaseFolding.AreEqual(file.StreamName.Span, AfpInfoName);

    /// <summary>A stream of macOS was opened or made.</summary>
    public static void Opened(Share share, Open file)
    {
        if (file.IsStream && share.IsApple && IsOfApple(file.StreamName.Span))
            file.KeepStreamIf(last => IsKeptAsync(share, last));
    }

    /// <summary>A stream was cut to nothing by a client that negotiated AAPL: it is gone as far as that client is concerned.</summary>
    public static void Emptied(Open file)
    {
        if (!file.StreamMayGo) file.KeepStreamIf(static async last => await SizeOfAsync(last) != 0);
    }

    /// <summary>The size that an open of a stream is told to have.</summary>
    public static long ShownSize(Share share, Open file, long size) =>
        size == 0 && IsAfpInfo(share, file) ? AfpMetadata.Bytes : size;

    /// <summary>False for a stream of macOS that says nothing, or nothing that makes sense.</summary>
    public static ValueTask<bool> IsShownAsync(
        Share share, FileTree files, NodeId stream, ReadOnlyMemory<byte> name, long size, Caller caller)
    {
        if (!share.IsApple) return new(true);
        if (CaseFolding.AreEqual(name.Span, ResourceName)) return new(size > 0);
        if (!CaseFolding.AreEqual(name.Span, AfpInfoName)) return new(true);
        return size == AfpMetadata.Bytes ? IsTellingAsync(files, stream, caller) : new(false);
    }

    private static bool IsOfApple(ReadOnlySpan<byte> name) =>
        CaseFolding.AreEqual(name, ResourceName) || CaseFolding.AreEqual(name, AfpInfoName);

    private static async ValueTask<bool> IsKeptAsync(Share share, Open last) =>
        await SizeOfAsync(last) is not { } size
        || await IsShownAsync(share, last.Tree, last.Node, last.StreamName, size, last.Caller);

    /// <summary>Null when it cannot be told now: then nothing is thrown away.</summary>
    private static async ValueTask<long?> SizeOfAsync(Open file)
    {
        var described = await file.GetAttributesAsync();
        return described.Status == FileStatus.Ok ? described.Attributes.Size : null;
    }

    private static async ValueTask<bool> IsTellingAsync(FileTree files, NodeId stream, Caller caller)
    {
        var content = new byte[AfpMetadata.Bytes];
        var read = await files.ReadAsync(stream, 0, content, caller, DataAccess.CheckedAtOpen);

        // What cannot be read now is shown: who opens it is told why.
        return read.Status != FileStatus.Ok || AfpMetadata.IsTelling(content.AsSpan(0, read.Bytes));
    }
}
