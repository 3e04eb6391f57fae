namespace Gateway.FileSystem;

/// <summary>
/// Nanoseconds since 1970-01-01 UTC. Times that clients set reach to the year 30828, which 64 bits could not hold
/// beyond 2262; those of the clock are within 64 bits.
/// </summary>
public readonly record struct Timestamp(Int128 Nanoseconds) : IComparable<Timestamp>
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public Timestamp(long seconds, uint nanoseconds)
        : this(((Int128)seconds * NanosecondsPerSecond) + nanoseconds)
    {
    }

    /// <summary>Whole seconds, rounded down.</summary>
    public long Seconds
    {
        get
        {
            // Nearly all times are within 64 bits, whose division is many times faster.
            if (Nanoseconds >= 0 && Nanoseconds <= long.MaxValue) return (long)Nanoseconds / NanosecondsPerSecond;
            var quotient = (long)(Nanoseconds / NanosecondsPerSecond);
            return Nanoseconds < (Int128)quotient * NanosecondsPerSecond ? quotient - 1 : quotient;
        }
    }

    /// <summary>0 to 999,999,999.</summary>
    public uint SubsecondNanoseconds => (uint)(Nanoseconds - ((Int128)Seconds * NanosecondsPerSecond));

    public int CompareTo(Timestamp other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator <(Timestamp left, Timestamp right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(Timestamp left, Timestamp right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(Timestamp left, Timestamp right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(Timestamp left, Timestamp right) => left.Nanoseconds >= right.Nanoseconds;

    /// <summary>The provider's time in nanoseconds; its resolution is 100 ns.</summary>
    public static long NanosecondsNow(TimeProvider clock) =>
        (clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
}
