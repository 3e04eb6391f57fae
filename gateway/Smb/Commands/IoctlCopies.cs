using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>FSCTLs that copy on the server: by chunks between any two opens of a session, and by sharing what is stored.</summary>
internal static class IoctlCopies
{
    // What Windows allows, and clients count on (MS-SMB2 3.3.3).
    private const int ChunksMax = 256;
    private const int ChunkBytesMax = 1 << 20;
    private const int CopyBytesMax = 16 << 20;

    /// <summary>Who may execute a file may read it; but not so of the target, as Windows has it.</summary>
    private const AccessMask Reading = AccessMask.ReadData | AccessMask.Execute;

    private const AccessMask Writing = AccessMask.WriteData | AccessMask.AppendData;

    public static IoctlHandler? Find(FileControlCode code) => code switch
    {
        FileControlCode.RequestResumeKey => static (call, _) => new(RequestResumeKey(call)),
        FileControlCode.CopyChunk or FileControlCode.CopyChunkWrite => CopyAsync,
        FileControlCode.DuplicateExtentsToFile or FileControlCode.DuplicateExtentsToFileEx => DuplicateAsync,
        _ => null,
    };

    /// <summary>MS-SMB2 3.3.5.15.5: the key is the id of the open, which cannot be guessed either.</summary>
    private static NtStatus RequestResumeKey(IoctlCall call)
    {
        if (call.OutputMax < ResumeKeyResponse.Bytes) return NtStatus.InvalidParameter;

        Span<byte> key = stackalloc byte[CopyChunkRequest.KeyBytes];
        key.Clear();
        call.Open!.Id.Write(key);
        ResumeKeyResponse.Write(call.Reserve(ResumeKeyResponse.Bytes), key);
        return NtStatus.Success;
    }

    /// <summary>MS-SMB2 3.3.5.15.6.</summary>
    private static ValueTask<NtStatus> CopyAsync(IoctlCall call, Open target)
    {
        if (call.OutputMax < CopyChunkResponse.Bytes || !CopyChunkRequest.TryParse(call.Input.Span, out var asked))
            return new(NtStatus.InvalidParameter);
        if (!TryGetSource(call, FileId.Read(asked.SourceKey), out var opened)) return new(NtStatus.ObjectNameNotFound);

        if (opened.File is not { } source || !MayCopy(call.Code, source, target)) return new(NtStatus.AccessDenied);

        if (asked.Count == 0 && call.Request.Session.IsApple) return CopyFileAsync(call, source, target);

        var chunks = asked.Count <= ChunksMax ? asked.ToArray() : null;
        if (chunks is null || !AreAllowed(chunks))
            return new(Answer(call, NtStatus.InvalidParameter, new CopyChunkResponse(ChunksMax, ChunkBytesMax, CopyBytesMax)));

        return CopyAsync(call, new ServerCopy(source, target), chunks);
    }

    private static async ValueTask<NtStatus> CopyAsync(IoctlCall call, ServerCopy copy, CopyChunk[] chunks)
    {
        var (written, bytes) = (0u, 0u);
        var status = NtStatus.Success;
        foreach (var chunk in chunks)
        {
            status = await copy.RunAsync(chunk);
            if (status != NtStatus.Success) break;
            written++;
            bytes += chunk.Length;
        }

        // Answered when it is durable, as a WRITE would be.
        if (bytes > 0)
        {
            var flushed = await copy.FlushAsync();
            if (status == NtStatus.Success) status = flushed;
        }

        return Answer(call, status, new CopyChunkResponse(written, 0, bytes));
    }

    /// <summary>How macOS asks for a whole file with its streams; other clients get nothing copied for no chunks.</summary>
    private static async ValueTask<NtStatus> CopyFileAsync(IoctlCall call, Open source, Open target)
    {
        if (source.IsStream || target.IsStream || source.Tree != target.Tree || source.File == target.File)
            return NtStatus.InvalidParameter;

        var wait = new BreakWait(call.Request);
        var copy = new AppleFileCopy(source, target) { Pending = wait.Begin };
        var (status, bytes) = await copy.RunAsync(call.Request.Aborted);
        if (status == NtStatus.Cancelled) return wait.StatusOf(FileStatus.Cancelled);
        return status == NtStatus.Success
            ? Answer(call, status, new CopyChunkResponse(0, 0, (uint)Math.Min(bytes, uint.MaxValue)))
            : status;
    }

    private static bool TryGetSource(IoctlCall call, FileId id, out SmbOpen source) =>
        call.Request.Server.Opens.TryGet(id, call.Request.Session, null, out source!);

    private static bool MayCopy(FileControlCode code, Open source, Open target) =>
        !source.IsDirectory
        && !target.IsDirectory
        && (source.Access & Reading) != 0
        && (target.Access & Writing) != 0
        && (code == FileControlCode.CopyChunkWrite || (target.Access & AccessMask.ReadData) != 0);

    private static bool AreAllowed(CopyChunk[] chunks)
    {
        var total = 0L;
        foreach (var chunk in chunks)
        {
            if (chunk.Length is 0 or > ChunkBytesMax) return false;
            if (!TransferChecks.IsRange(chunk.SourceOffset, chunk.Length)) return false;
            if (!TransferChecks.IsRange(chunk.TargetOffset, chunk.Length)) return false;
            total += chunk.Length;
        }

        return total <= CopyBytesMax;
    }

    /// <summary>The response says how far it came also when it failed (MS-SMB2 2.2.32.1).</summary>
    private static NtStatus Answer(IoctlCall call, NtStatus status, CopyChunkResponse response)
    {
        response.Write(call.Reserve(CopyChunkResponse.Bytes));
        call.Request.KeepsBody = true;
        return status;
    }

    /// <summary>MS-FSA 2.1.5.9.5: source and target share what is stored. As on Windows, locks do not matter.</summary>
    private static async ValueTask<NtStatus> DuplicateAsync(IoctlCall call, Open target)
    {
        if (!TryParse(call, out var asked)) return NtStatus.InvalidParameter;

        // Windows says this and not INVALID_PARAMETER, as MS-FSCC 2.3.8 has it.
        if (!TryGetSource(call, asked.Source, out var opened) || opened.File is not { } source || source.Tree != target.Tree)
            return NtStatus.InvalidHandle;
        if (source.IsDirectory || target.IsDirectory || !AreRanges(asked)) return NtStatus.InvalidParameter;
        if ((source.Access & AccessMask.ReadData) == 0 || (target.Access & AccessMask.WriteData) == 0) return NtStatus.AccessDenied;

        var from = await source.GetAttributesAsync();
        if (from.Status != FileStatus.Ok) return from.Status.ToNtStatus();

        var to = await target.GetAttributesAsync();
        if (to.Status != FileStatus.Ok) return to.Status.ToNtStatus();

        // The target is never made longer; what would be beyond its end is left out.
        var length = Math.Min(asked.ByteCount, to.Attributes.Size - asked.TargetOffset);
        var status = CheckDuplicate(asked, source.Node == target.Node, length, from.Attributes, to.Attributes);
        if (status == NtStatus.Success)
            status = (await target.CloneRangeAsync(source, asked.SourceOffset, asked.TargetOffset, length)).ToNtStatus();
        return status == NtStatus.Success ? call.Done() : status;
    }

    private static NtStatus CheckDuplicate(
        in DuplicateExtents asked, bool isSameFile, long length, in NodeAttributes from, in NodeAttributes to)
    {
        if (length < 0) return NtStatus.InvalidParameter;
        if (asked.SourceOffset + asked.ByteCount > from.Size) return NtStatus.NotSupported;
        if (isSameFile && Math.Abs(asked.SourceOffset - asked.TargetOffset) < length) return NtStatus.NotSupported;

        return IsSparse(from) && !IsSparse(to) ? NtStatus.NotSupported : NtStatus.Success;
    }

    private static bool TryParse(IoctlCall call, out DuplicateExtents asked) =>
        call.Code == FileControlCode.DuplicateExtentsToFile
            ? DuplicateExtents.TryParse(call.Input.Span, out asked)
            : DuplicateExtents.TryParseExtended(call.Input.Span, out asked);

    private static bool AreRanges(in DuplicateExtents asked) =>
        asked.SourceOffset >= 0
        && asked.TargetOffset >= 0
        && asked.ByteCount >= 0
        && asked.ByteCount <= long.MaxValue - Math.Max(asked.SourceOffset, asked.TargetOffset);

    private static bool IsSparse(in NodeAttributes attributes) => (attributes.Dos & DosAttributes.Sparse) != 0;
}
