using Gateway.EtcdServer;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Control.Etcd;

/// <summary>etcd itself, whose members are killed, paused and restored.</summary>
public sealed class EtcdFaultTests
{
    /// <summary>In which etcd must have come round on a busy machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Of_three_members_any_may_be_killed_and_come_back()
    {
        await using var etcd = await EtcdCluster.StartAsync(3);
        using var control = Open(etcd);
        foreach (var member in etcd.Members)
        {
            await CountAsync(control);
            member.Kill();
            await CountAsync(control);
            member.Start();
            await etcd.WaitAsync();
        }

        Assert.That((await control.ReadAsync("count", default))!.Json, Is.EqualTo("6"));
    }

    [Test]
    public async Task A_leader_that_hangs_delays_changes_and_watches_and_no_more()
    {
        await using var etcd = await EtcdCluster.StartAsync(3);
        using var patience = new CancellationTokenSource(Patience);
        using var control = Open(etcd);
        await CountAsync(control);
        var leader = await etcd.FindLeaderAsync();

        // One client watches at the leader, the other changes wherever it can.
        using var watching = Open(etcd, leader.ClientAddress);
        await using var watch = watching.WatchAsync("count", patience.Token).GetAsyncEnumerator(patience.Token);
        await watch.MoveNextAsync();
        leader.Pause();
        await CountAsync(control);
        while (watch.Current.Values["count"].Json != "2") await watch.MoveNextAsync();
        leader.Resume();
    }

    [Test]
    public async Task With_all_members_gone_calls_fail_presences_are_lost_and_all_comes_back()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        using var control = Open(etcd);
        await CountAsync(control);
        await using var presence = (await control.AnnounceAsync("alive", "{}", TimeSpan.FromSeconds(2), default))!;
        await using var watch = control.WatchAsync("count", default).GetAsyncEnumerator();
        await watch.MoveNextAsync();

        etcd.Members[0].Kill();
        await presence.Lost.WaitAsync(Patience);
        Assert.That(async () => await watch.MoveNextAsync(), Throws.TypeOf<ControlPlaneException>());
        Assert.That(async () => await control.ReadAsync("count", default), Throws.TypeOf<ControlPlaneException>());

        etcd.Members[0].Start();
        await etcd.WaitAsync();
        await CountAsync(control);
        Assert.That((await control.ReadAsync("count", default))!.Json, Is.EqualTo("2"));
    }

    [Test]
    public async Task A_watch_sees_an_etcd_that_was_restored_from_a_backup()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        using var control = Open(etcd);
        await CountAsync(control);
        var directory = Directory.CreateTempSubdirectory("snapshot-");
        var file = Path.Combine(directory.FullName, "etcd.snapshot");
        await etcd.SaveAsync(file);
        await CountAsync(control);
        await using var watch = control.WatchAsync("count", default).GetAsyncEnumerator();
        await watch.MoveNextAsync();
        Assert.That(watch.Current.Values["count"].Json, Is.EqualTo("2"));

        await etcd.RestoreAsync(file);
        directory.Delete(recursive: true);
        while (watch.Current.Values["count"].Json != "1") await watch.MoveNextAsync();
    }

    [Test]
    public async Task A_process_that_went_without_a_word_is_announced_no_longer()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        using var control = Open(etcd);
        await using var watch = control.WatchAsync("alive", default).GetAsyncEnumerator();
        await watch.MoveNextAsync();
        var gone = Open(etcd);
        Assert.That(await gone.AnnounceAsync("alive", "{}", TimeSpan.FromSeconds(1), default), Is.Not.Null);
        gone.Dispose();
        await watch.MoveNextAsync();
        Assert.That(watch.Current.Values, Has.Count.EqualTo(1));
        Assert.That(await control.AnnounceAsync("alive", "{}", TimeSpan.FromSeconds(1), default), Is.Null);
        await watch.MoveNextAsync();
        Assert.That(watch.Current.Values, Is.Empty);
    }

    [Test]
    public async Task Users_of_etcd_are_known_by_their_passwords_and_again_after_a_restart()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        await etcd.RequireUsersAsync("let me in");
        using var control = Open(etcd, new EtcdCredentials("root", "let me in"));
        await CountAsync(control);
        etcd.Members[0].Kill();
        etcd.Members[0].Start();
        await etcd.WaitAsync();
        await CountAsync(control);
        await using var watch = control.WatchAsync("count", default).GetAsyncEnumerator();
        await watch.MoveNextAsync();
        await CountAsync(control);
        await watch.MoveNextAsync();
        Assert.That(watch.Current.Values["count"].Json, Is.EqualTo("3"));

        using var wrong = Open(etcd, new EtcdCredentials("root", "let me out"));
        Assert.That(async () => await wrong.ReadAsync("count", default), Throws.TypeOf<ControlPlaneException>());
        using var nobody = Open(etcd, credentials: null);
        Assert.That(async () => await nobody.ReadAsync("count", default), Throws.TypeOf<ControlPlaneException>());
    }

    [Test]
    public async Task Both_sides_show_certificates_that_the_other_believes()
    {
        var directory = Directory.CreateTempSubdirectory("certificates-");
        using var certificates = new EtcdCertificates(directory.FullName);
        using var others = new EtcdCertificates(Path.Combine(directory.FullName, "others"));
        await using var etcd = await EtcdCluster.StartAsync(1, certificates);
        var options = new EtcdOptions
        {
            Endpoints = etcd.Addresses,
            AuthorityFile = certificates.AuthorityFile,
            CertificateFile = certificates.ClientCertificateFile,
            KeyFile = certificates.ClientKeyFile,
        };
        using (var control = Open(options)) await CountAsync(control);

        await RefusedAsync(options with { AuthorityFile = others.AuthorityFile }, "certificate");
        await RefusedAsync(options with { CertificateFile = null, KeyFile = null }, "");
        await RefusedAsync(options with { CertificateFile = others.ClientCertificateFile, KeyFile = others.ClientKeyFile }, "");
        await RefusedAsync(
            options with { Endpoints = [new UriBuilder(etcd.Addresses[0]) { Host = "localhost" }.Uri] }, "RemoteCertificateNameMismatch");
        Assert.That(
            () => Open(options with { KeyFile = others.ClientKeyFile }),
            Throws.TypeOf<ControlPlaneException>().With.Message.Contains(certificates.ClientCertificateFile));
        Assert.That(() => Open(options with { AuthorityFile = "missing.pem" }), Throws.TypeOf<ControlPlaneException>());
        directory.Delete(recursive: true);
    }

    private static async Task RefusedAsync(EtcdOptions options, string cause)
    {
        using var control = Open(options with { CallTimeout = TimeSpan.FromSeconds(1) });
        try
        {
            await control.ReadAsync("count", default);
            Assert.Fail("It was let in.");
        }
        catch (ControlPlaneException error)
        {
            Assert.That(error.Message, Does.Contain(cause));
        }
    }

    // As every caller must: after a failed change it reads again.
    private static async Task CountAsync(EtcdControlPlane control)
    {
        using var patience = new CancellationTokenSource(Patience);
        int? counted = null;
        while (true)
        {
            try
            {
                var now = await control.ReadAsync("count", patience.Token);
                var value = now is null ? 0 : int.Parse(now.Json);
                counted ??= value + 1;
                if (value == counted) return;
                if (await control.CompareAndSetAsync("count", now?.Version ?? 0, $"{counted}", patience.Token) is not null) return;
            }
            catch (ControlPlaneException)
            {
                patience.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private static EtcdControlPlane Open(EtcdCluster etcd) => Open(new EtcdOptions { Endpoints = etcd.Addresses });

    private static EtcdControlPlane Open(EtcdCluster etcd, Uri first) => Open(
        new EtcdOptions { Endpoints = [first, .. etcd.Addresses.Where(address => address != first)] });

    private static EtcdControlPlane Open(EtcdCluster etcd, EtcdCredentials? credentials) => Open(
        new EtcdOptions { Endpoints = etcd.Addresses, Credentials = credentials });

    private static EtcdControlPlane Open(EtcdOptions options) =>
        new(options, Guid.Empty, BootTimeProvider.Instance, NullLogger.Instance);
}
