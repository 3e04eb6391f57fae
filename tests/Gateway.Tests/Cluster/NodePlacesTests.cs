using System.Net;
using System.Net.Sockets;
using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Tests.Rpc;
using Gateway.Tests.Smb;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

public sealed class NodePlacesTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private WarningLog _log = null!;
    private ControlDirectory _directory = null!;
    private NodeRegistry _registry = null!;
    private NodePlaces _places = null!;

    private IControlPlane Control => _directory.Control;

    [SetUp]
    public void SetUp()
    {
        _log = new WarningLog();
        _directory = new ControlDirectory();
        _registry = new NodeRegistry(Control, NullLogger.Instance);
        _places = new NodePlaces(Control, TimeProvider.System, _log);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _places.DisposeAsync();
        _directory.Dispose();
    }

    [Test]
    public async Task A_link_is_opened_to_where_the_node_is_by_then()
    {
        using var before = Listen();
        using var after = Listen();
        await RegisterAsync(PortOf(before));
        var found = (await new KnownNodes([], _registry, _places).FindAsync("n1", default))!;
        await ConnectsAsync(found, before);

        await RegisterAsync(PortOf(after));
        await Eventually.HoldsAsync(() => found.Connector.Address == $"127.0.0.1:{PortOf(after)}");
        await ConnectsAsync(found, after);
        Assert.That(before.Pending(), Is.False);
    }

    [Test]
    public async Task Where_the_settings_say_a_node_is_it_stays()
    {
        await RegisterAsync(7001);
        var given = new NodeAddress("n1", "10.0.0.1", 1);
        var found = (await new KnownNodes([given], _registry, _places).FindAsync("n1", default))!;
        await RegisterAsync(7002);
        await Eventually.HoldsAsync(() => _places.Find("n1") == new HostPort("127.0.0.1", 7002));
        Assert.That(found.Connector.Address, Is.EqualTo("10.0.0.1:1"));
    }

    [TestCase("{\"adress\":\"10.0.0.1:1\"}")]
    [TestCase("{\"address\":\"nowhere\"}")]
    [TestCase("[]")]
    public async Task A_record_that_cannot_be_read_changes_nothing_and_is_said_once(string bad)
    {
        await RegisterAsync(7001);
        await Eventually.HoldsAsync(() => _places.Find("n1") is not null);
        await SetAsync("nodes/n1", bad);
        await Eventually.HoldsAsync(() => _log.Lines.Count > 0);
        await _registry.RegisterAsync("n2", new HostPort("127.0.0.1", 7009), false, default);
        await Eventually.HoldsAsync(() => _places.Find("n2") is not null);
        Assert.That(_places.Find("n1"), Is.EqualTo(new HostPort("127.0.0.1", 7001)));
        Assert.That(_log.Lines.Single(), Does.Contain("n1"));
    }

    [Test]
    public async Task A_node_that_is_registered_no_more_is_sought_where_it_was()
    {
        await RegisterAsync(7001);
        var found = (await new KnownNodes([], _registry, _places).FindAsync("n1", default))!;
        await RegisterAsync(7002);
        await Eventually.HoldsAsync(() => found.Connector.Address == "127.0.0.1:7002");
        var record = (await Control.ReadAsync("nodes/n1", default))!;
        Assert.That(await Control.DeleteAsync("nodes/n1", record.Version, default));
        await Eventually.HoldsAsync(() => _places.Find("n1") is null);
        Assert.That(found.Connector.Address, Is.EqualTo("127.0.0.1:7002"));
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static async Task ConnectsAsync(NodeAddress node, TcpListener expected)
    {
        using var timeout = new CancellationTokenSource(Longest);
        var link = new NodeLinkOptions
        {
            Node = node.Node,
            Volume = Guid.Empty,
            Connector = node.Connector,
            Trust = new LinkTrust(ControlDirectory.Secret()),
        };
        await using var open = await node.Connector.ConnectAsync(link, timeout.Token);
        using var accepted = await expected.AcceptSocketAsync(timeout.Token);
    }

    private Task RegisterAsync(int port) => _registry.RegisterAsync("n1", new HostPort("127.0.0.1", port), false, default);

    private async Task SetAsync(string key, string json)
    {
        var before = await Control.ReadAsync(key, default);
        Assert.That(await Control.CompareAndSetAsync(key, before?.Version ?? 0, json, default), Is.Not.Null);
    }
}
