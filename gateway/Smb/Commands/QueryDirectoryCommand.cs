using System.Runtime.InteropServices;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Directories;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_DIRECTORY: MS-SMB2 3.3.5.18, MS-FSA 2.1.5.6.3.</summary>
internal static class QueryDirectoryCommand
{
    private const string Everything = "*";

    /// <summary>More than this is not given at once, however much a client asks for: it comes again.</summary>
    private const int OutputBytesMax = 1 << 20;

    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!QueryDirectoryRequest.TryParse(request.Message.Span, out var query)) return new(NtStatus.InvalidParameter);

        var status = request.TryGetOpen(query.FileId, out var open);
        if (status == NtStatus.Success) status = Check(request, query, open);
        if (status != NtStatus.Success) return new(status);

        var pattern = MemoryMarshal.Cast<byte, char>(query.FileName);
        return RunAsync(request, open, new Query
        {
            InformationClass = query.InformationClass,
            Flags = query.Flags,
            Pattern = pattern is Everything ? Everything : pattern.ToString(),
            OutputBytesMax = (int)Math.Min(query.OutputBufferLength, OutputBytesMax),
        });
    }

    private static NtStatus Check(SmbRequest request, in QueryDirectoryRequest query, SmbOpen open)
    {
        if (open.File is not { IsDirectory: true } directory) return NtStatus.InvalidParameter;
        if (query.OutputBufferLength > InformationResponse.BytesMax(request)) return NtStatus.InvalidParameter;
        if (!DirectoryRecord.IsClass(query.InformationClass)) return NtStatus.InvalidInfoClass;
        if ((directory.Access & AccessMask.ReadData) == 0) return NtStatus.AccessDenied;
        if (query.OutputBufferLength < DirectoryRecord.FixedBytes(query.InformationClass)) return NtStatus.InfoLengthMismatch;

        var pattern = MemoryMarshal.Cast<byte, char>(query.FileName);
        if (pattern.ContainsAny("\\/\0")) return NtStatus.ObjectNameInvalid;
        return request.CheckCredits(Math.Max(query.OutputBufferLength, query.FileName.Length));
    }

    private static async ValueTask<NtStatus> RunAsync(SmbRequest request, SmbOpen open, Query query)
    {
        var scan = open.Queries.Scan;
        await scan.EnterAsync(request.Aborted);
        try
        {
            var isFirst = Position(scan, query);
            var isSingle = (query.Flags & QueryDirectoryFlags.ReturnSingleEntry) != 0;
            var listing = await DirectoryListing.MakeAsync(request, open, query.InformationClass, isSingle);
            request.Response.Reserve(QueryResponse.BodyBytes);
            var output = request.Response.GetMemory(query.OutputBytesMax)[..query.OutputBytesMax];
            scan.Begin(listing, output);

            var status = await FillAsync(request, open, scan);
            if (status == NtStatus.Success && scan.Count == 0) status = WhyEmpty(scan, isFirst);
            if (status != NtStatus.Success)
            {
                request.Response.Reset();
                return status;
            }

            if (listing.Apple is { } apple) await apple.CompleteAsync(output, request.Aborted);
            QueryResponse.WriteHead(request.Response.Written, scan.OutputBytes);
            request.Response.Advance(scan.OutputBytes);
            return NtStatus.Success;
        }
        finally
        {
            scan.Leave();
        }
    }

    /// <summary>Restarts where the flags say so; true for the first query since the open, or since it was reopened.</summary>
    private static bool Position(DirectoryScan scan, in Query query)
    {
        var isFirst = scan.Pattern is null || (query.Flags & QueryDirectoryFlags.Reopen) != 0;
        var restarts = isFirst || (query.Flags & QueryDirectoryFlags.RestartScans) != 0;

        // FileIndex is always given as zero, so there is none that a client could go on from: as NTFS, which ignores it.
        if (restarts) scan.Restart(query.Pattern.Length == 0 ? Everything : query.Pattern);
        return isFirst;
    }

    private static NtStatus WhyEmpty(DirectoryScan scan, bool isFirst)
    {
        // There is an entry, and the buffer is too small for its name: an empty list would look like the end.
        if (scan.IsFull) return NtStatus.InfoLengthMismatch;
        return isFirst ? NtStatus.NoSuchFile : NtStatus.NoMoreFiles;
    }

    private static async ValueTask<NtStatus> FillAsync(SmbRequest request, SmbOpen open, DirectoryScan scan)
    {
        var directory = open.File!;
        var status = await scan.FillAsync(request.Tree.Files, directory.File, directory.Caller, request.Aborted);
        return request.Aborted.IsCancellationRequested ? NtStatus.Cancelled : status.ToNtStatus();
    }

    private readonly record struct Query
    {
        public required FileInformationClass InformationClass { get; init; }

        public required QueryDirectoryFlags Flags { get; init; }

        public required string Pattern { get; init; }

        public required int OutputBytesMax { get; init; }
    }
}
