using Gateway.Replication.Owner;
using Gateway.Replication.Tests.Store;

namespace Gateway.Replication.Tests.Owner;

public sealed class HealPaceTests
{
    private const long BytesPerSecond = 1 << 20;

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(30);

    private readonly ManualTime _time = new();
    private long _served = 7;

    [Test]
    public async Task Without_clients_it_does_not_rest()
    {
        var pace = Pace();
        var began = await pace.BeginAsync(1, default);
        _time.Advance(Work);
        Assert.That(pace.RestAsync(began, default).AsTask().IsCompletedSuccessfully);
    }

    [Test]
    public async Task While_clients_are_served_it_rests_twice_as_long_as_it_worked()
    {
        var pace = Pace();
        for (var round = 0; round < 3; round++)
        {
            var began = await pace.BeginAsync(1, default);
            _served++;
            _time.Advance(Work);
            var rest = pace.RestAsync(began, default).AsTask();
            _time.Advance(Work * 2 - TimeSpan.FromMilliseconds(1));
            Assert.That(rest.IsCompleted, Is.False);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await rest;
        }

        var last = await pace.BeginAsync(1, default);
        _time.Advance(Work);
        Assert.That(pace.RestAsync(last, default).AsTask().IsCompletedSuccessfully, "Nobody was served since the rest before.");
    }

    [Test]
    public async Task Work_that_was_held_up_does_not_rest_for_long()
    {
        var pace = Pace();
        var began = await pace.BeginAsync(1, default);
        _served++;
        _time.Advance(TimeSpan.FromMinutes(5));
        var rest = pace.RestAsync(began, default).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(500));
        await rest;
    }

    [Test]
    public async Task The_rate_holds()
    {
        var pace = Pace();
        var second = pace.BeginAsync(BytesPerSecond, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(second.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await second;
    }

    private HealPace Pace() => new(BytesPerSecond, () => _served, _time);
}
