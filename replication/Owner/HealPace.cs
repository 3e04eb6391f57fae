namespace Gateway.Replication.Owner;

/// <summary>
/// How fast heal copies: at a rate that all nodes share, and, while clients are served, for a third of the time. Clients and heal
/// share disks and processors, so work that takes longer because others are at it rests longer too.
/// </summary>
/// <remarks>Any thread. Clients who are served with something every now and then are those who slow it down.</remarks>
/// <param name="bytesPerSecond">The rate.</param>
/// <param name="served">A number that changes when clients are served with something.</param>
/// <param name="time">Measures work, and rests.</param>
internal sealed class HealPace(long bytesPerSecond, Func<long> served, TimeProvider time)
{
    /// <summary>Rest for each moment of work.</summary>
    private const int RestFactor = 2;

    /// <summary>A copy that a node held up for long tells little about the load.</summary>
    private static readonly TimeSpan RestMax = TimeSpan.FromMilliseconds(500);

    private readonly RateLimit _rate = new(bytesPerSecond, time);
    private long _servedBefore = served();

    /// <summary>May be changed at any time.</summary>
    public long BytesPerSecond
    {
        get => _rate.BytesPerSecond;
        set => _rate.BytesPerSecond = value;
    }

    /// <summary>Waits until the bytes fit the rate.</summary>
    /// <returns>When the work begins, for <see cref="RestAsync"/>.</returns>
    public async ValueTask<long> BeginAsync(long bytes, CancellationToken cancellation)
    {
        await _rate.PaceAsync(bytes, cancellation);
        return time.GetTimestamp();
    }

    /// <summary>After work that began then; returns at once when no client was served since the work before.</summary>
    public async ValueTask RestAsync(long began, CancellationToken cancellation)
    {
        var now = served();
        if (Interlocked.Exchange(ref _servedBefore, now) == now) return;

        var rest = time.GetElapsedTime(began) * RestFactor;
        await Task.Delay(rest < RestMax ? rest : RestMax, time, cancellation);
    }
}
