using Gateway.FileSystem;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Smb.Commands;

/// <summary>
/// FSCTL_SMBTORTURE, with which Samba's test suite asks a server for what it does rarely or never by itself. Unknown unless
/// the server was started for tests (<see cref="SmbServerOptions.OffersTestControls"/>).
/// </summary>
/// <remarks>Nothing of it is in a specification; the codes and what they do are Samba's, libcli/smb/smb_constants.h.</remarks>
internal static class IoctlTorture
{
    private const int PaddingBytes = 8;
    private const byte Filling = 8;

    /// <summary>Null for any other FSCTL, and for all when the server does not offer them.</summary>
    public static Func<IoctlCall, FileId, ValueTask<NtStatus>>? Find(IoctlCall call)
    {
        if (!call.Request.Server.Options.OffersTestControls) return null;
        return call.Code switch
        {
            FileControlCode.TortureSilence => (asked, _) => new(PretendSilence(asked)),
            FileControlCode.TortureIoctlPadding => (asked, _) => new(PadIoctl(asked)),
            FileControlCode.TortureReadPadding => (asked, _) => new(PadReads(asked)),
            FileControlCode.TortureFileSleep => SleepAsync,
            _ => null,
        };
    }

    /// <summary>The test suite asks for silence by the connection alone.</summary>
    public static ValueTask<NtStatus> RunWithoutSessionAsync(SmbRequest request)
    {
        if (!IoctlRequest.TryParse(request.Message.Span, out var asked)) return new(NtStatus.InvalidParameter);
        return asked.Code == FileControlCode.TortureSilence
            ? new(PretendSilence(new IoctlCall(request, asked)))
            : new(NtStatus.UserSessionDeleted);
    }

    private static NtStatus PretendSilence(IoctlCall call)
    {
        if (!call.Input.IsEmpty) return NtStatus.InvalidParameter;
        call.Request.Connection.PretendsSilence = true;
        return call.Done();
    }

    private static NtStatus PadIoctl(IoctlCall call)
    {
        if (!call.Input.IsEmpty) return NtStatus.InvalidParameter;
        call.Reserve(call.OutputMax, PaddingBytes).Fill(Filling);
        return NtStatus.Success;
    }

    private static NtStatus PadReads(IoctlCall call)
    {
        if (!call.Input.IsEmpty) return NtStatus.InvalidParameter;
        call.Request.Connection.ReadPaddingBytes = PaddingBytes;
        return call.Done();
    }

    /// <summary>A request that runs keeps its file, also when it is closed meanwhile: told by using it in the end.</summary>
    private static async ValueTask<NtStatus> SleepAsync(IoctlCall call, FileId id)
    {
        if (call.Input.Length != 1) return NtStatus.InvalidParameter;
        if (id.IsAny) return NtStatus.InvalidHandle;
        var status = call.Request.TryGetOpen(id, out var open);
        if (status != NtStatus.Success) return status;
        if (open.File is not { } file) return NtStatus.InvalidHandle;

        using var waiting = new PendingWait(call.Request);
        try
        {
            waiting.Begin();
            await Task.Delay(TimeSpan.FromMilliseconds(call.Input.Span[0]), call.Request.Server.Time, waiting.Stop);
        }
        catch (OperationCanceledException)
        {
            return waiting.GivenUp;
        }

        var attributes = await file.GetAttributesAsync(call.Request.Aborted);
        return attributes.Status == FileStatus.Ok ? call.Done() : NtStatus.FileClosed;
    }
}
