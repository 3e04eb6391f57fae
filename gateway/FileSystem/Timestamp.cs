namespace Gateway.FileSystem;

/// <summary>Nanoseconds since 1970-01-01 UTC; good until the year 2262.</summary>
public readonly record struct Timestamp(long Nanoseconds) : IComparable<Timestamp>
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public Timestamp(long seconds, uint nanoseconds)
        : this(unchecked((seconds * NanosecondsPerSecond) + nanoseconds))
    {
    }

    /// <summary>Whole seconds, rounded down.</summary>
    public long Seconds => Nanoseconds >= 0
        ? Nanoseconds / NanosecondsPerSecond
        : ((Nanoseconds + 1) / NanosecondsPerSecond) - 1;

    /// <summary>0 to 999,999,999.</summary>
    public uint SubsecondNanoseconds => (uint)(Nanoseconds - (Seconds * NanosecondsPerSecond));

    public int CompareTo(Timestamp other) => Nanoseconds.CompareTo(other.Nanoseconds);

    public static bool operator <(Timestamp left, Timestamp right) => left.Nanoseconds < right.Nanoseconds;

    public static bool operator >(Timestamp left, Timestamp right) => left.Nanoseconds > right.Nanoseconds;

    public static bool operator <=(Timestamp left, Timestamp right) => left.Nanoseconds <= right.Nanoseconds;

    public static bool operator >=(Timestamp left, Timestamp right) => left.Nanoseconds >= right.Nanoseconds;

    /// <summary>The provider's time; its resolution is 100 ns.</summary>
    public static Timestamp Now(TimeProvider clock) =>
        new((clock.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick);
}
