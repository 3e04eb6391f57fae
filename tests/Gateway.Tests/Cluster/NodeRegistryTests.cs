using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Tests.Rpc;
using Gateway.Tests.Smb;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

public sealed class NodeRegistryTests
{
    private ControlDirectory _directory = null!;
    private NodeRegistry _registry = null!;

    private IControlPlane Control => _directory.Control;

    [SetUp]
    public void SetUp()
    {
        _directory = new ControlDirectory();
        _registry = new NodeRegistry(Control, NullLogger.Instance);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task A_node_registers_moves_and_keeps_what_else_is_known()
    {
        await RegisterAsync("n1", 1);
        var first = (await Control.ReadAsync("nodes/n1", default))!;
        await RegisterAsync("n1", 1);
        Assert.That(await Control.ReadAsync("nodes/n1", default), Is.EqualTo(first));

        var json = ClusterJson.Write(new NodeRecord { Address = "10.0.0.1:1", Zone = "cellar" }, ClusterJson.Default.NodeRecord);
        await Control.CompareAndSetAsync("nodes/n1", first.Version, json, default);
        await RegisterAsync("n1", 2);
        var moved = ClusterJson.Read("nodes/n1", (await Control.ReadAsync("nodes/n1", default))!, ClusterJson.Default.NodeRecord);
        Assert.That(moved, Is.EqualTo(new NodeRecord { Address = "10.0.0.1:2", Zone = "cellar" }));
    }

    [Test]
    public async Task A_new_volume_waits_for_enough_nodes_and_gets_the_first()
    {
        await RegisterAsync("n2", 2);
        await RegisterAsync("n4", 4);
        var waiting = _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(waiting.IsCompleted, Is.False);
        await RegisterAsync("n1", 1);
        Assert.That((await waiting).Select(node => node.Node), Is.EqualTo(new[] { "n1", "n2", "n4" }));
        await RegisterAsync("n3", 3);
        var found = await _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(found.Select(node => node.Node), Is.EqualTo(new[] { "n1", "n2", "n3" }));
    }

    [Test]
    public async Task A_volume_has_the_nodes_that_its_record_names()
    {
        foreach (var number in new[] { 1, 2, 3 }) await RegisterAsync($"n{number}", number);
        var record = new VolumeRecord
        {
            VolumeId = Guid.Empty,
            Epoch = 1,
            OwnerId = 1,
            OwnerAddress = "here",
            ConfigGeneration = 1,
            Members = [new VolumeMember("n3", 1), new VolumeMember("n9", 1)],
            LeaseMilliseconds = 2000,
        };
        await new VolumeRecords(Control).CompareAndSetAsync("files", 0, record, default);
        var waiting = _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(waiting.IsCompleted, Is.False);
        await RegisterAsync("n9", 9);
        Assert.That((await waiting).Select(node => node.Node), Is.EqualTo(new[] { "n3", "n9" }));
    }

    [Test]
    public async Task What_is_no_record_is_said_and_waited_for()
    {
        var log = new WarningLog();
        _registry = new NodeRegistry(Control, log);
        var typo = await Control.CompareAndSetAsync("nodes/n1", 0, "{\"adress\":\"10.0.0.1:1\"}", default);
        await Control.CompareAndSetAsync("nodes/n2", 0, "{\"address\":\"nowhere\"}", default);
        var waiting = _registry.WaitForNodesAsync("files", 2, default);
        await RegisterAsync("n3", 3);
        await Eventually.HoldsAsync(() => log.CountOf("nodes/n1") == 1 && log.CountOf("node n2 is registered at 'nowhere'") == 1);
        Assert.That(waiting.IsCompleted, Is.False);
        await Control.CompareAndSetAsync("nodes/n1", typo!.Version, "{\"address\":\"10.0.0.1:1\"}", default);
        Assert.That((await waiting).Select(node => node.Node), Is.EqualTo(new[] { "n1", "n3" }));
        Assert.That(log.CountOf("nodes/n1"), Is.EqualTo(1), "It is said once.");
    }

    // Two data nodes and a witness are sound, one and two are not; and content is worth more than a vote.
    [Test]
    public async Task A_new_volume_takes_a_witness_where_nodes_for_content_are_too_few()
    {
        await RegisterAsync("n2", 2);
        await RegisterAsync("a", 3, witness: true);
        await RegisterAsync("b", 4, witness: true);
        var waiting = _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(waiting.IsCompleted, Is.False);
        await RegisterAsync("n1", 1);
        Assert.That((await waiting).Select(Describe), Is.EqualTo(new[] { "n1", "n2", "a witness" }));
        await RegisterAsync("n3", 5);
        var found = await _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(found.Select(Describe), Is.EqualTo(new[] { "n1", "n2", "n3" }));
        found = await _registry.WaitForNodesAsync("files", 5, default);
        Assert.That(found.Select(Describe), Is.EqualTo(new[] { "n1", "n2", "n3", "a witness", "b witness" }));
    }

    [Test]
    public async Task A_member_is_what_the_record_of_its_volume_says()
    {
        foreach (var number in new[] { 1, 2, 3 }) await RegisterAsync($"n{number}", number, witness: number != 3);
        var record = VolumeRecord.Of(
            Guid.Empty, [new("n1", 0), new("n2", 0), new VolumeMember("n3", 0) { Witness = true }], "here", 2000);
        await new VolumeRecords(Control).CompareAndSetAsync("files", 0, record, default);
        var found = await _registry.WaitForNodesAsync("files", 3, default);
        Assert.That(found.Select(Describe), Is.EqualTo(new[] { "n1", "n2", "n3 witness" }));
    }

    [Test]
    public async Task Who_knows_only_the_address_of_a_witness_leaves_it_one()
    {
        await RegisterAsync("n1", 1, witness: true);
        await _registry.RegisterAsync("n1", new HostPort("10.0.0.2", 2), null, default);
        Assert.That(Describe((await _registry.FindAsync("n1", default))!), Is.EqualTo("n1 witness"));
        await RegisterAsync("n1", 1, witness: false);
        Assert.That(Describe((await _registry.FindAsync("n1", default))!), Is.EqualTo("n1"));
    }

    [Test]
    public async Task A_name_is_left_to_be_looked_up_when_the_node_is_connected_to()
    {
        await _registry.RegisterAsync("n1", new HostPort("node-0.node.nasgate.svc", 7001), null, default);
        var found = await _registry.FindAsync("n1", default);
        Assert.That(found!.Connector.Address, Is.EqualTo("node-0.node.nasgate.svc:7001"));
    }

    private static string Describe(NodeAddress node) => node.Witness ? $"{node.Node} witness" : node.Node;

    private Task RegisterAsync(string node, int port, bool witness = false) =>
        _registry.RegisterAsync(node, new HostPort("10.0.0.1", port), witness, default);
}
