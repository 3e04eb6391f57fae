using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Commands;

/// <summary>QUERY_INFO: MS-SMB2 3.3.5.20.</summary>
internal static class QueryInfoCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!QueryInfoRequest.TryParse(request.Message.Span, out var query)) return new(NtStatus.InvalidParameter);

        var most = InformationResponse.BytesMax(request);
        if (query.OutputBufferLength > most || query.Input.Length > most) return new(NtStatus.InvalidParameter);

        var status = request.CheckCredits(Math.Max(query.OutputBufferLength, query.Input.Length));
        if (status != NtStatus.Success) return new(status);
        status = request.TryGetOpen(query.FileId, out var open);
        if (status != NtStatus.Success) return new(status);
        if (open.File is not { } file) return new(QueryPipe(request, query));

        var outputBytesMax = (int)query.OutputBufferLength;
        return query.InfoType switch
        {
            InfoType.File when (FileInformationClass)query.InfoClass == FileInformationClass.FullEa =>
                QueryExtendedAttributes.RunAsync(request, open, query),
            InfoType.File => QueryFileInformation.RunAsync(
                request, open, (FileInformationClass)query.InfoClass, outputBytesMax),
            InfoType.FileSystem => QueryFileSystemInformation.RunAsync(
                request, (FileSystemInformationClass)query.InfoClass, outputBytesMax),
            InfoType.Security => QuerySecurity.RunAsync(request, file, query.AdditionalInformation, outputBytesMax),

            // There are no quotas, and a client that asks for them shows none.
            InfoType.Quota => new(NtStatus.NotSupported),
            _ => new(NtStatus.InvalidParameter),
        };
    }

    /// <summary>Windows clients ask for this one class and would ask twice if it were refused.</summary>
    private static NtStatus QueryPipe(SmbRequest request, in QueryInfoRequest query)
    {
        if (query.InfoType != InfoType.File || (FileInformationClass)query.InfoClass != FileInformationClass.Standard)
            return NtStatus.NotSupported;
        if (query.OutputBufferLength < FileStandardInformation.Bytes) return NtStatus.InfoLengthMismatch;

        var pipe = new FileStandardInformation
        {
            AllocationSize = SmbAttributes.ClusterBytes,
            EndOfFile = 0,
            NumberOfLinks = 1,
            DeletePending = true,
        };
        pipe.Write(InformationResponse.Begin(request, FileStandardInformation.Bytes));
        return InformationResponse.End(request, (int)query.OutputBufferLength);
    }
}
