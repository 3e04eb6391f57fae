using System.Runtime.CompilerServices;
using Gateway.Replication.Control;
using Gateway.Replication.Tests.Store;
using Gateway.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Users;

/// <summary>Users while the control plane is gone, and what is heard of others' changes.</summary>
public sealed class KnownUsersTests
{
    private ControlDirectory _directory = null!;
    private Gone _control = null!;
    private ManualTime _time = null!;
    private UserDirectory _users = null!;

    [SetUp]
    public async Task SetUp()
    {
        _directory = new ControlDirectory();
        _control = new Gone(_directory.Control);
        _time = new ManualTime();
        _users = new UserDirectory(_control, new UserSecrets(ControlDirectory.Secret()), _time);
        await _directory.Users().AddAsync(new NewUser("ann", "secret"), default);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task Who_was_known_logs_on_for_a_day()
    {
        Assert.That(await _users.FindAsync("ann", default), Is.Not.Null);
        _control.IsGone = true;
        _time.Advance(KnownUsers.KnownMax - TimeSpan.FromMinutes(1));
        Assert.That(await _users.FindAsync("ann", default), Is.Not.Null);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(async () => await _users.FindAsync("ann", default), Throws.TypeOf<ControlPlaneException>());
        _control.IsGone = false;
        Assert.That(await _users.FindAsync("ann", default), Is.Not.Null);
        _control.IsGone = true;
        Assert.That(await _users.FindAsync("ann", default), Is.Not.Null);
    }

    [Test]
    public void Where_nothing_was_known_nobody_logs_on()
    {
        _control.IsGone = true;
        Assert.That(async () => await _users.FindAsync("ann", default), Throws.TypeOf<ControlPlaneException>());
    }

    [Test]
    public async Task Who_logs_on_does_not_wait_long_for_a_control_plane_that_hangs()
    {
        await _users.FindAsync("ann", default);
        _control.Hangs = true;
        var found = _users.FindAsync("ann", default).AsTask();
        Assert.That(found.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await found, Is.Not.Null);
    }

    [Test]
    public void Changes_need_the_control_plane()
    {
        _control.IsGone = true;
        Assert.That(
            async () => await _users.RemoveAsync("ann", default), Throws.TypeOf<ControlPlaneException>());
    }

    [Test]
    public async Task Who_is_removed_by_another_gateway_is_revoked_here()
    {
        var revoked = new TaskCompletionSource<string>();
        _users.Revoked += user => revoked.TrySetResult(user.Name);
        await _users.FindAsync("ann", default);
        await using var watch = new UserWatch(_control, _users, _time, NullLogger.Instance);
        await _directory.Users().RemoveAsync("ann", default);
        Assert.That(await revoked.Task, Is.EqualTo("ann"));
    }

    /// <summary>A control plane that can be away.</summary>
    private sealed class Gone(IControlPlane control) : IControlPlane
    {
        public bool IsGone { get; set; }

        public bool Hangs { get; set; }

        private IControlPlane There => IsGone ? throw new ControlPlaneException("gone") : control;

        public async ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation)
        {
            if (Hangs) await Task.Delay(Timeout.Infinite, cancellation);
            return await There.ReadAsync(key, cancellation);
        }

        public ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) => There.ListAsync(prefix, cancellation);

        public ValueTask<ControlValue?> CompareAndSetAsync(
            string key, long expectedVersion, string json, CancellationToken cancellation) =>
            There.CompareAndSetAsync(key, expectedVersion, json, cancellation);

        public ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation) =>
            There.DeleteAsync(key, expectedVersion, cancellation);

        public async IAsyncEnumerable<ControlView> WatchAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellation)
        {
            await foreach (var view in There.WatchAsync(prefix, cancellation)) yield return view;
        }

        public ValueTask<IControlPresence?> AnnounceAsync(
            string key, string json, TimeSpan timeToLive, CancellationToken cancellation) =>
            There.AnnounceAsync(key, json, timeToLive, cancellation);
    }
}
