namespace Gateway.Protocol.Smb2;

/// <summary>FILETIME, MS-DTYP 2.3.3: 100 ns steps since 1601-01-01 UTC, against nanoseconds since 1970.</summary>
/// <remarks>
/// The special values of a SET_INFO (0, -1 and -2, MS-FSCC 2.4.7) are not times; the caller takes them out before.
/// </remarks>
public static class FileTime
{
    private const long NanosecondsPerStep = 100;

    /// <summary>1970-01-01 as a FILETIME.</summary>
    private const long UnixEpoch = 116_444_736_000_000_000;

    /// <summary>
    /// Times before 1601 and after 30828 do not exist on the wire: they become its first step, as zero means "no time",
    /// and its last.
    /// </summary>
    public static long FromUnixNanoseconds(Int128 nanoseconds)
    {
        // Times within 64 bits, nearly all, need no long division.
        if (nanoseconds >= 0 && nanoseconds <= long.MaxValue)
            return ((long)nanoseconds / NanosecondsPerStep) + UnixEpoch;

        var steps = nanoseconds >= 0
            ? nanoseconds / NanosecondsPerStep
            : ((nanoseconds + 1) / NanosecondsPerStep) - 1;
        return (long)Int128.Clamp(steps + UnixEpoch, 1, long.MaxValue);
    }

    /// <summary>Exact for every value.</summary>
    public static Int128 ToUnixNanoseconds(long fileTime) => ((Int128)fileTime - UnixEpoch) * NanosecondsPerStep;
}
