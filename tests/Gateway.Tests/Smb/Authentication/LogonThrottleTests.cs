using System.Net;
using Gateway.Replication.Tests.Store;
using Gateway.Smb.Authentication;

namespace Gateway.Tests.Smb.Authentication;

public sealed class LogonThrottleTests
{
    private static readonly IPAddress Here = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress There = IPAddress.Parse("192.0.2.2");

    private readonly ManualTime _time = new();
    private LogonThrottle _throttle = null!;

    [SetUp]
    public void Make() => _throttle = new LogonThrottle(_time);

    [Test]
    public void Failures_slow_down_who_guesses_and_nobody_else()
    {
        Fail("ann", Here, 3);
        Assert.That(_throttle.Reserve("ann", Here), Is.EqualTo(TimeSpan.Zero), "anybody mistypes");

        Fail("ann", Here, 10);
        Assert.That(_throttle.Reserve("ANN", Here), Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(_throttle.Reserve("ann", Here), Is.EqualTo(TimeSpan.FromSeconds(4)), "attempts at once wait for each other");
        Assert.That(_throttle.Reserve("ann", Here), Is.EqualTo(TimeSpan.FromSeconds(6)));
        Assert.That(_throttle.Reserve("ann", Here), Is.Null, "no more wait than that");
        Assert.That(_throttle.Reserve("ann", There), Is.EqualTo(TimeSpan.Zero), "another address");
        Assert.That(_throttle.Reserve("ben", Here), Is.EqualTo(TimeSpan.Zero), "another user");
    }

    [Test]
    public void An_address_that_tries_many_names_is_slowed_down_too()
    {
        for (var i = 0; i < 40; i++) _throttle.Failed($"user{i}", Here);
        Assert.That(_throttle.Reserve("ann", Here), Is.GreaterThan(TimeSpan.Zero));
        Assert.That(_throttle.Reserve("ann", IPAddress.Parse("::ffff:192.0.2.1")), Is.GreaterThan(TimeSpan.Zero));
        Assert.That(_throttle.Reserve("ann", There), Is.EqualTo(TimeSpan.Zero));

        for (var i = 0; i < 40; i++) _throttle.Failed($"user{i}", IPAddress.Parse($"2001:db8::{i:x}"));
        Assert.That(_throttle.Reserve("ann", IPAddress.Parse("2001:db8::ffff")), Is.GreaterThan(TimeSpan.Zero));
        Assert.That(_throttle.Reserve("ann", IPAddress.Parse("2001:db8:0:1::1")), Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Success_and_time_forgive()
    {
        Fail("ann", Here, 20);
        _throttle.Succeeded("Ann", Here);
        Assert.That(_throttle.Reserve("ann", Here), Is.EqualTo(TimeSpan.Zero));

        Fail("ben", Here, 20);
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.That(_throttle.Reserve("ben", Here), Is.EqualTo(TimeSpan.Zero));
        Fail("ben", Here, 1);
        Assert.That(_throttle.Reserve("ben", Here), Is.EqualTo(TimeSpan.Zero), "counted from the start");
    }

    [Test]
    public void What_is_kept_and_what_is_logged_is_bounded()
    {
        var logged = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var address = new IPAddress([10, 0, (byte)(i >> 8), (byte)(i & 0xFF)]);
            _throttle.Failed($"user{i}", address);
            if (_throttle.Failed("ann", Here)) logged++;
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(_throttle.Entries, Is.LessThanOrEqualTo(2 * LogonThrottle.EntriesMax));
        Assert.That(logged, Is.LessThanOrEqualTo(15));
    }

    private void Fail(string user, IPAddress address, int times)
    {
        for (var i = 0; i < times; i++) _throttle.Failed(user, address);
    }
}
