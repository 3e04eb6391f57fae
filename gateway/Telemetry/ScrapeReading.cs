namespace Gateway.Telemetry;

/// <summary>
/// What many instruments tell a part of each, read once for all of them: a scrape asks one instrument after the other. So it costs
/// one reading, and all numbers of it are of one moment.
/// </summary>
/// <remarks>Any thread. Two that ask at the same moment may both read.</remarks>
/// <param name="read">Reads; asked when somebody asks, and not again within <see cref="Life"/>.</param>
/// <param name="time">For the age of a reading.</param>
internal sealed class ScrapeReading<T>(Func<IEnumerable<T>> read, TimeProvider time)
{
    /// <summary>
    /// Longer than a scrape goes through its instruments; shorter than the third of a second for which the exporter gives the same
    /// answer again, so that no scrape gets a reading of the one before.
    /// </summary>
    public static readonly TimeSpan Life = TimeSpan.FromMilliseconds(200);

    private volatile Taken? _last;

    public IReadOnlyList<T> Read()
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < Life) return last.Items;

        T[] items = [.. read()];
        _last = new Taken(items, time.GetTimestamp());
        return items;
    }

    private sealed record Taken(IReadOnlyList<T> Items, long At);
}
