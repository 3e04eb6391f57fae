using System.Runtime.InteropServices;
using System.Text;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Watches;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>CHANGE_NOTIFY (MS-SMB2 3.3.5.19): waits for something to happen in a directory.</summary>
internal static class ChangeNotifyCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!ChangeNotifyRequest.TryParse(request.Message.Span, out var asked)) return new(NtStatus.InvalidParameter);
        if (asked.OutputBufferLength > request.Connection.Negotiation.TransferBytesMax) return new(NtStatus.InvalidParameter);

        var status = request.CheckCredits(asked.OutputBufferLength);
        if (status != NtStatus.Success) return new(status);

        status = request.TryGetOpen(asked.FileId, out var open);
        if (status != NtStatus.Success) return new(status);

        status = Check(open);
        return status == NtStatus.Success ? WaitAsync(request, open, asked) : new(status);
    }

    /// <summary>A filter that lets nothing through is allowed: what counts is that of the first request.</summary>
    private static NtStatus Check(SmbOpen open)
    {
        if (open.File is not { IsDirectory: true } directory) return NtStatus.InvalidParameter;
        if ((directory.Access & AccessMask.ReadData) == 0) return NtStatus.AccessDenied;

        return directory.DeletePending ? NtStatus.DeletePending : NtStatus.Success;
    }

    private static async ValueTask<NtStatus> WaitAsync(SmbRequest request, SmbOpen open, ChangeNotifyRequest asked)
    {
        var outputMax = (int)asked.OutputBufferLength;
        if (open.Changes.Start(open, (ChangedParts)asked.Filter, asked.WatchTree, outputMax) is not { } watch)
            return NtStatus.InsufficientResources;

        using var waiting = new PendingWait(request);
        var result = await watch.NextAsync(outputMax, waiting.Begin, waiting.Stop);
        return result.Outcome switch
        {
            WatchOutcome.Changed => Answer(request, result.Events, outputMax),
            WatchOutcome.Overflow => AnswerEmpty(request, NtStatus.NotifyEnumDir),
            WatchOutcome.Closed => AnswerEmpty(request, NtStatus.NotifyCleanup),
            WatchOutcome.DirectoryDeleted => NtStatus.DeletePending,
            WatchOutcome.Cancelled => waiting.GivenUp,
            _ => NtStatus.InsufficientResources,
        };
    }

    private static NtStatus Answer(SmbRequest request, IReadOnlyList<WatchEvent> events, int outputMax)
    {
        var response = request.Response;
        response.Reserve(QueryResponse.BodyBytes);
        var (length, last) = (0, 0);
        foreach (var happened in events)
        {
            var name = MemoryMarshal.AsBytes(NameOf(happened).AsSpan());
            var bytes = FileNotifyInformation.BytesOf(length, name.Length);
            if (length + bytes > outputMax)
            {
                response.Reset();
                return AnswerEmpty(request, NtStatus.NotifyEnumDir);
            }

            response.Reserve(bytes);
            var list = response.Written[QueryResponse.BodyBytes..];
            new FileNotifyInformation { Action = (FileAction)happened.Action, Name = name }.Append(list, ref length, ref last);
        }

        QueryResponse.WriteHead(response.Written, length);
        return NtStatus.Success;
    }

    private static NtStatus AnswerEmpty(SmbRequest request, NtStatus status)
    {
        QueryResponse.WriteHead(request.Response.Reserve(QueryResponse.BodyBytes), 0);
        return status;
    }

    private static string NameOf(in WatchEvent happened)
    {
        var text = new StringBuilder();
        foreach (var name in happened.Path)
        {
            if (text.Length > 0) text.Append('\\');
            text.Append(SmbNames.ToWire(name.Span));
        }

        if (!happened.Stream.IsEmpty) text.Append(':').Append(StreamNames.ToWire(happened.Stream.Span));
        return text.ToString();
    }
}
