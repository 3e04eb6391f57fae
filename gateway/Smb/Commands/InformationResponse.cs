using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>The response of a QUERY_INFO, cut to what the client has room for (MS-SMB2 3.3.5.20).</summary>
internal static class InformationResponse
{
    /// <summary>The most a request may ask for: what NEGOTIATE has said as MaxTransactSize.</summary>
    public static uint BytesMax(SmbRequest request) =>
        (uint)(request.Connection.IsMultiCredit ? SmbLimits.TransferBytesMax : SmbLimits.CreditBytes);

    /// <summary>Zeroed room for the information, behind the head of the response.</summary>
    public static Span<byte> Begin(SmbRequest request, int bytes)
    {
        request.Response.Reset();
        return request.Response.Reserve(QueryResponse.BodyBytes + bytes)[QueryResponse.BodyBytes..];
    }

    /// <summary>Ends the response: what does not fit is cut off, and the client is told so.</summary>
    public static NtStatus End(SmbRequest request, int outputBytesMax)
    {
        var bytes = request.Response.Length - QueryResponse.BodyBytes;
        var isCut = bytes > outputBytesMax;
        if (isCut) request.Response.Truncate(QueryResponse.BodyBytes + outputBytesMax);
        QueryResponse.WriteHead(request.Response.Written, Math.Min(bytes, outputBytesMax));
        return isCut ? NtStatus.BufferOverflow : NtStatus.Success;
    }
}
