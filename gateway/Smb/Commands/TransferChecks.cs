using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>What READ and WRITE have in common before they look at the file (MS-SMB2 3.3.5.12, 3.3.5.13).</summary>
internal static class TransferChecks
{
    /// <summary>InvalidParameter for more than was negotiated or paid for, and for a transfer by other ways than TCP.</summary>
    public static NtStatus Check(SmbRequest request, long bytes, uint channel)
    {
        if (bytes > request.Connection.Negotiation.TransferBytesMax) return NtStatus.InvalidParameter;

        // Older dialects have no such field; what stands there means nothing.
        if (channel != 0 && request.Connection.Dialect >= Smb2Dialect.Smb300) return NtStatus.InvalidParameter;

        return request.CheckCredits(bytes);
    }

    /// <summary>Offsets are signed, and so is the end of what is transferred.</summary>
    public static bool IsRange(ulong offset, long bytes) => offset <= (ulong)(long.MaxValue - bytes);
}
