using System.Runtime.InteropServices;

namespace Gateway.Replication.Owner;

/// <summary>
/// Time whose timestamps come from CLOCK_BOOTTIME, in nanoseconds. A lease must run out while the machine sleeps;
/// the monotonic clock behind <see cref="TimeProvider.System"/> stands still then (PROTOCOL §2.6).
/// </summary>
public sealed unsafe partial class BootTimeProvider : TimeProvider
{
    private const int BootTimeClock = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    public static BootTimeProvider Instance { get; } = new();

    public override long TimestampFrequency => NanosecondsPerSecond;

    public override long GetTimestamp()
    {
        TimeSpec now;
        var result = GetTime(BootTimeClock, &now);
        Invariant.Holds(result == 0, "The boot-time clock can be read.");
        return now.Seconds * NanosecondsPerSecond + now.Nanoseconds;
    }

    [SuppressGCTransition]
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
