using System.Net;
using Gateway.Cluster;
using Gateway.EtcdServer;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

public sealed class ClusterControlTests
{
    private static readonly Guid Cluster = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private string _data = "";

    [SetUp]
    public void SetUp() => _data = Directory.CreateTempSubdirectory("cluster-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_data, recursive: true);

    [Test]
    public async Task It_says_whose_it_is_and_keeps_others_out()
    {
        using (var control = Open(Cluster)) await control.WaitAsync(default);
        using (var control = Open(Cluster)) await control.WaitAsync(default);
        using var other = Open(Guid.Empty);
        Assert.That(() => other.WaitAsync(default), Throws.TypeOf<StartException>().With.Message.Contains("secret"));
    }

    [TestCase("{\"format\":2,\"cluster\":\"00112233-4455-6677-8899-aabbccddeeff\"}", "another version")]
    [TestCase("{\"form\":1}", "cannot be read")]
    public async Task A_form_that_is_not_known_is_left_alone(string json, string complaint)
    {
        using var control = Open(Cluster);
        await control.Plane.CompareAndSetAsync("cluster", 0, json, default);
        Assert.That(() => control.WaitAsync(default), Throws.TypeOf<StartException>().With.Message.Contains(complaint));
    }

    [Test]
    public void A_directory_in_use_is_said()
    {
        using var control = Open(Cluster);
        Assert.That(() => Open(Cluster), Throws.TypeOf<StartException>().With.Message.Contains("in use"));
    }

    [Test]
    public async Task It_waits_for_etcd_and_then_a_node_registers_and_a_gateway_is_announced()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        etcd.Members[0].Kill();
        using var control = ClusterControl.Open(
            new ControlOptions { Etcd = new EtcdOptions { Endpoints = etcd.Addresses, CallTimeout = TimeSpan.FromMilliseconds(1) } },
            _data,
            Cluster,
            BootTimeProvider.Instance,
            NullLoggerFactory.Instance);
        var waiting = control.WaitAsync(default);
        await using var node = new NodeRegistration(
            control, "n1", new HostPort(new IPEndPoint(IPAddress.Loopback, 7001)), false, BootTimeProvider.Instance, NullLogger.Instance);
        var gateway = new GatewayAnnouncement(control.Plane, "gw1", "here", BootTimeProvider.Instance, NullLogger.Instance);
        Assert.That(waiting.IsCompleted, Is.False);

        etcd.Members[0].Start();
        await waiting.WaitAsync(Patience);
        using var patience = new CancellationTokenSource(Patience);
        string[] wanted = ["cluster", "gateways/gw1", "nodes/n1"];
        await UntilAsync(control.Plane, keys => keys.SequenceEqual(wanted), patience.Token);
        await gateway.DisposeAsync();
        await UntilAsync(control.Plane, keys => !keys.Contains("gateways/gw1"), patience.Token);
    }

    private static async Task UntilAsync(IControlPlane plane, Func<IEnumerable<string>, bool> until, CancellationToken cancellation)
    {
        await foreach (var view in plane.WatchAsync("", cancellation))
        {
            if (until(view.Values.Keys)) return;
        }
    }

    private ClusterControl Open(Guid cluster) => ClusterControl.Open(
        new ControlOptions(), _data, cluster, BootTimeProvider.Instance, NullLoggerFactory.Instance);
}
