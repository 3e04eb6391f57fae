using Gateway.Hosting;
using Gateway.Replication.Tests.Store;

namespace Gateway.Tests.Hosting;

public sealed class RateWindowTests
{
    private readonly ManualTime _time = new();
    private RateCounts _counts;

    [SetUp]
    public void Forget() => _counts = default;

    [Test]
    public void Nothing_counted_is_no_rate()
    {
        using var window = new RateWindow(_time, () => _counts);
        var rates = window.Read();
        Assert.That((rates.Requests, rates.ReadBytes, rates.WrittenBytes), Is.EqualTo((0d, 0d, 0d)));
    }

    [Test]
    public void Before_ten_seconds_it_is_the_rate_since_the_start()
    {
        _counts = new RateCounts(1000, 0, 0);
        using var window = new RateWindow(_time, () => _counts);
        Second(new RateCounts(10, 4096, 2));
        Second(new RateCounts(30, 0, 2));
        var rates = window.Read();
        Assert.That((rates.Requests, rates.ReadBytes, rates.WrittenBytes), Is.EqualTo((20d, 2048d, 2d)));
    }

    [Test]
    public void What_is_older_than_ten_seconds_is_forgotten()
    {
        using var window = new RateWindow(_time, () => _counts);
        Second(new RateCounts(1_000_000, 1_000_000, 1_000_000));
        for (var second = 0; second < 10; second++) Second(new RateCounts(5, 6, 7));
        var rates = window.Read();
        Assert.That((rates.Requests, rates.ReadBytes, rates.WrittenBytes), Is.EqualTo((5d, 6d, 7d)));
    }

    [Test]
    public void What_was_counted_since_the_last_sample_is_in_it()
    {
        using var window = new RateWindow(_time, () => _counts);
        Second(default);
        _counts = new RateCounts(10, 0, 0);
        Assert.That(window.Read().Requests, Is.EqualTo(10d));
    }

    private void Second(RateCounts more)
    {
        _counts = new RateCounts(
            _counts.Requests + more.Requests,
            _counts.ReadBytes + more.ReadBytes,
            _counts.WrittenBytes + more.WrittenBytes);
        _time.Advance(TimeSpan.FromSeconds(1));
    }
}
