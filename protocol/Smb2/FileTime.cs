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

    /// <summary>Times before 1601 do not exist on the wire: they become its first step, as zero means "no time".</summary>
    public static long FromUnixNanoseconds(long nanoseconds)
    {
        var steps = nanoseconds >= 0
            ? nanoseconds / NanosecondsPerStep
            : ((nanoseconds + 1) / NanosecondsPerStep) - 1;
        return Math.Max(steps + UnixEpoch, 1);
    }

    /// <summary>Times that 64 bits of nanoseconds cannot hold (before 1677, after 2262) become the nearest that they can.</summary>
    public static long ToUnixNanoseconds(long fileTime)
    {
        const long stepsMax = long.MaxValue / NanosecondsPerStep;
        var steps = fileTime < UnixEpoch - stepsMax ? -stepsMax : Math.Min(fileTime - UnixEpoch, stepsMax);
        return steps * NanosecondsPerStep;
    }
}
