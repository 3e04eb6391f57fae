namespace Gateway.Protocol.Smb2;

/// <summary>What the two top bits of a status say (MS-ERREF 2.3).</summary>
public static class NtStatusSeverity
{
    extension(NtStatus status)
    {
        /// <summary>STATUS_SEVERITY_ERROR: the response has the error body of MS-SMB2 2.2.2.</summary>
        public bool IsError => (uint)status >> 30 == 3;

        /// <summary>STATUS_SEVERITY_WARNING: done in part, e.g. <see cref="NtStatus.BufferOverflow"/>.</summary>
        public bool IsWarning => (uint)status >> 30 == 2;

        public bool IsSuccess => (uint)status >> 30 == 0;
    }
}
