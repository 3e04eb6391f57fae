using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Control.Etcd;

public sealed class EtcdPresenceTests
{
    private const long Lease = 77;

    private ManualTime _time = null!;
    private RenewalWaits _waits = null!;
    private FakeEtcd _fake = null!;
    private EtcdControlPlane _control = null!;
    private long _holder = Lease;

    [SetUp]
    public async Task SetUp()
    {
        _time = new ManualTime();
        _waits = new RenewalWaits(_time);
        _holder = Lease;
        _fake = await FakeEtcd.StartAsync();
        _fake.Methods["LeaseGrant"] = call => FakeEtcd.SayAsync(call, LeaseOf(6));
        _fake.Methods["LeaseRevoke"] = call => FakeEtcd.SayAsync(call, []);
        _fake.Methods["Txn"] = call => FakeEtcd.SayAsync(call, [0x10, 0x01]);
        _fake.Methods["LeaseKeepAlive"] = call => FakeEtcd.SayAsync(call, LeaseOf(6));
        _fake.Methods["Range"] = call =>
            FakeEtcd.SayAsync(call, new ProtoWriter().Message(2, new ProtoWriter().Number(6, _holder)).Written.ToArray());
        _control = new EtcdControlPlane(
            new EtcdOptions { Endpoints = [_fake.Address], AttemptTimeout = TimeSpan.FromSeconds(1) }, Guid.Empty, _waits, NullLogger.Instance);
    }

    [TearDown]
    public async Task TearDown()
    {
        _control.Dispose();
        await _fake.DisposeAsync();
    }

    [Test]
    public async Task It_lasts_as_long_as_it_is_renewed()
    {
        await using var presence = await AnnounceAsync();
        await _waits.Armed.WaitAsync();
        for (var renewal = 0; renewal < 6; renewal++)
        {
            _time.Advance(TimeSpan.FromSeconds(2));
            await _waits.Armed.WaitAsync();
        }

        Assert.That(presence.Lost.IsCompleted, Is.False);
    }

    [Test]
    public async Task Without_an_answer_it_is_lost_before_etcd_forgets_it()
    {
        _fake.Methods["LeaseKeepAlive"] = FakeEtcd.HangAsync;
        await using var presence = await AnnounceAsync();
        _time.Advance(TimeSpan.FromSeconds(5.6));
        Assert.That(presence.Lost.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(0.2));
        await presence.Lost;
        Assert.That(await presence.UpdateAsync("{}", default), Is.False);
    }

    [Test]
    public async Task When_etcd_has_forgotten_the_lease_it_is_lost()
    {
        _fake.Methods["LeaseKeepAlive"] = call => FakeEtcd.SayAsync(call, LeaseOf(0));
        await using var presence = await AnnounceAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        await presence.Lost;
    }

    [Test]
    public async Task When_the_value_goes_with_another_lease_it_is_lost()
    {
        await using var presence = await AnnounceAsync();
        _holder = Lease + 1;
        _time.Advance(TimeSpan.FromSeconds(2));
        await presence.Lost;
    }

    [Test]
    public void When_it_is_unknown_whether_it_was_made_the_lease_is_given_back()
    {
        _fake.Methods["Txn"] = FakeEtcd.AbortAsync;
        Assert.That(AnnounceAsync, Throws.TypeOf<ControlPlaneException>());
        Assert.That(_fake.Calls, Does.Contain("LeaseRevoke"));
    }

    [Test]
    public async Task It_is_withdrawn_once()
    {
        var presence = await AnnounceAsync();
        await presence.DisposeAsync();
        await presence.DisposeAsync();
        Assert.That(presence.Lost.IsCompleted, Is.True);
        Assert.That(_fake.Calls.Count(call => call == "LeaseRevoke"), Is.EqualTo(1));
    }

    private static byte[] LeaseOf(long seconds) => new ProtoWriter().Number(2, Lease).Number(3, seconds).Written.ToArray();

    private async Task<IControlPresence> AnnounceAsync() =>
        (await _control.AnnounceAsync("alive", "{}", TimeSpan.FromSeconds(6), default))!;

    /// <summary>A clock that tells when the next renewal is waited for.</summary>
    private sealed class RenewalWaits(ManualTime time) : TimeProvider
    {
        public SemaphoreSlim Armed { get; } = new(0);

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = time.CreateTimer(callback, state, dueTime, period);
            if (dueTime == TimeSpan.FromSeconds(2)) Armed.Release();
            return timer;
        }
    }
}
