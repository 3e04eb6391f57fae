using Gateway.Replication.Standby;
using Gateway.Replication.Tests.Store;

namespace Gateway.Replication.Tests.Standby;

public sealed class TailSourceTests
{
    private static readonly TimeSpan[] RoundTrips = [Milliseconds(3), Milliseconds(1), Milliseconds(2)];

    private readonly ManualTime _time = new();
    private TailSource _source = null!;

    [SetUp]
    public void SetUp() => _source = new TailSource(_time);

    [Test]
    public void The_nearest_of_those_that_know_as_much_is_read_from_as_long_as_it_answers()
    {
        Choose(100, 100, 100);
        Assert.That(_source.Current, Is.EqualTo(1));
        Choose(101, 100, 100);
        Assert.That(_source.Current, Is.EqualTo(1));
        Choose(101, null, 100);
        Assert.That(_source.Current, Is.EqualTo(2));
        Choose(101, 101, 101);
        Assert.That(_source.Current, Is.EqualTo(2), "It is no worse for a nearer one that came back.");
        Choose(null, null, null);
        Assert.That(_source.Current, Is.EqualTo(TailSource.None));
    }

    [Test]
    public void One_that_stays_behind_is_left()
    {
        Choose(1000, 1000, 1000);
        Choose(2000, 1000, 2000);
        Assert.That(_source.Current, Is.EqualTo(1), "It may just have been asked before the others.");
        _time.Advance(Milliseconds(1000));
        Choose(2000, 1000, 2000);
        Assert.That(_source.Current, Is.EqualTo(2));
    }

    [Test]
    public void A_damaged_copy_is_avoided_unless_there_is_no_other()
    {
        Choose(100, 100, 100);
        _source.Avoid(1);
        Choose(100, 100, 100);
        Assert.That(_source.Current, Is.EqualTo(2));
        Choose(null, 100, null);
        Assert.That(_source.Current, Is.EqualTo(1));
        _source.Avoid(1);
        _time.Advance(Milliseconds(5000));
        Choose(100, 100, 100);
        Assert.That(_source.Current, Is.EqualTo(1));
    }

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private void Choose(params ulong?[] commitHints) => _source.Choose(
        [.. commitHints.Select(hint => hint is null ? null : new NodeAccount
        {
            Node = "",
            ReceivedAt = 0,
            SinceHeartbeat = default,
            HeartbeatEpoch = 1,
            ReleasedEpoch = 0,
            PromisedEpoch = 1,
            CommitHint = hint.Value,
            Base = default,
        })],
        RoundTrips);
}
