using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Commands;

/// <summary>LOCK (MS-SMB2 3.3.5.14): takes byte ranges of a file, or gives them back.</summary>
internal static class LockCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!LockRequest.TryParse(request.Message.Span, out var asked)) return new(NtStatus.InvalidParameter);

        var status = request.TryGetOpen(asked.FileId, out var open);
        if (status != NtStatus.Success) return new(status);
        if (open.File is not { } file || file.IsDirectory) return new(NtStatus.InvalidDeviceRequest);

        var sequence = LockSequence.Of(asked, open, request.Connection);
        if (sequence.IsReplay) return new(Answer(request, sequence));

        var isUnlock = asked[0].Flags == LockFlags.Unlock;
        if (!isUnlock && !MayLock(asked)) return new(NtStatus.InvalidParameter);

        if (!isUnlock) return LockAsync(request, file, asked.ToArray(), sequence);

        return UnlockAsync(request, file, asked.ToArray(), sequence);
    }

    /// <summary>
    /// Only a lock alone may wait (MS-SMB2 3.3.5.14.2), and all flags are looked at before anything is locked.
    /// </summary>
    private static bool MayLock(in LockRequest asked)
    {
        for (var index = 0; index < asked.Count; index++)
        {
            var waits = (asked[index].Flags & LockFlags.FailImmediately) == 0;
            var kind = asked[index].Flags & ~LockFlags.FailImmediately;
            if (kind is not (LockFlags.Shared or LockFlags.Exclusive) || (waits && asked.Count > 1)) return false;
        }

        return true;
    }

    /// <summary>What was given back before one that cannot be stays given back (MS-SMB2 3.3.5.14.1).</summary>
    private static async ValueTask<NtStatus> UnlockAsync(
        SmbRequest request, Open file, LockElement[] elements, LockSequence sequence)
    {
        var given = elements.TakeWhile(element => element.Flags == LockFlags.Unlock)
            .Select(element => (element.Offset, element.Length))
            .ToArray();
        var isAll = given.Length == elements.Length;
        var status = await file.UnlockAsync(given, isAll ? sequence.Number : default);
        if (status != FileStatus.Ok) return status.ToNtStatus();
        return isAll ? Answer(request, sequence) : NtStatus.InvalidParameter;
    }

    private static async ValueTask<NtStatus> LockAsync(
        SmbRequest request, Open file, LockElement[] elements, LockSequence sequence)
    {
        var status = elements.Length == 1
            ? await LockAsync(request, file, elements[0], sequence)
            : StatusOf(await file.LockAllAsync([.. elements.Select(RangeOf)], sequence.Number));
        return status == NtStatus.Success ? Answer(request, sequence) : status;
    }

    private static (ulong Offset, ulong Length, bool Exclusive) RangeOf(LockElement element) =>
        (element.Offset, element.Length, (element.Flags & LockFlags.Exclusive) != 0);

    private static NtStatus StatusOf(FileStatus status) =>
        status == FileStatus.LockConflict ? NtStatus.LockNotGranted : status.ToNtStatus();

    private static async ValueTask<NtStatus> LockAsync(
        SmbRequest request, Open file, LockElement element, LockSequence sequence)
    {
        var exclusive = (element.Flags & LockFlags.Exclusive) != 0;
        var status = await file.LockAsync(
            element.Offset, element.Length, exclusive, wait: false, number: sequence.Number);
        if (status != FileStatus.LockConflict) return status.ToNtStatus();
        if ((element.Flags & LockFlags.FailImmediately) != 0) return NtStatus.LockNotGranted;

        using var waiting = new PendingWait(request);
        status = await file.LockAsync(element.Offset, element.Length, exclusive, wait: true, waiting.Begin, sequence.Number, waiting.Stop);
        return status switch
        {
            // As on Windows: what was in the way ends with the tree or the session before the lock does, if it was its own.
            FileStatus.RangeNotLocked when IsEnding(request)
                && !file.IsLocked(element.Offset, element.Length, exclusive, other => !EndsToo(other, request)) => NtStatus.Success,
            FileStatus.Cancelled => waiting.GivenUp,
            _ => StatusOf(status),
        };
    }

    private static bool IsEnding(SmbRequest request) =>
        request.Tree.IsDisconnected || request.Session.State == SmbSessionState.Ended;

    private static bool EndsToo(Open open, SmbRequest request) =>
        open.Holder is SmbOpen held
        && (held.IsOf(request.Tree) || (request.Session.State == SmbSessionState.Ended && held.Session == request.Session));

    private static NtStatus Answer(SmbRequest request, in LockSequence sequence)
    {
        sequence.Complete();
        EmptyResponse.Write(request.Response.Reserve(EmptyResponse.BodyBytes));
        return NtStatus.Success;
    }
}
