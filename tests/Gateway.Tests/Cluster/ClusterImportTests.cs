using System.Text.Json.Nodes;
using Gateway.Cluster;
using Gateway.EtcdServer;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Gateway.Replication.Owner;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

public sealed class ClusterImportTests
{
    private static readonly Guid Cluster = new("00112233-4455-6677-8899-aabbccddeeff");

    private ControlDirectory _directory = null!;

    private IControlPlane Control => _directory.Control;

    [SetUp]
    public void SetUp() => _directory = new ControlDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task What_was_exported_comes_to_etcd_and_back()
    {
        await SetAsync("volumes/files", Volume(ulong.MaxValue, 3));
        await SetAsync("users", "{\"users\":[{\"name\":\"ann\"}]}");
        await using var presence = await Control.AnnounceAsync("gateways/gw1", "{}", TimeSpan.FromSeconds(1), default);
        var text = ClusterDocument.Of(Cluster, await Control.ListAsync("", default)).Format();
        Assert.That(text, Does.Contain("18446744073709551615").And.Not.Contain("gw1"));

        await using var etcd = await EtcdCluster.StartAsync();
        using var there = new EtcdControlPlane(
            new EtcdOptions { Endpoints = etcd.Addresses }, Cluster, BootTimeProvider.Instance, NullLogger.Instance);
        Assert.That(await ClusterImport.RunAsync(there, Cluster, ClusterDocument.Parse(text), false, default), Is.EqualTo(2));
        var back = ClusterDocument.Of(Cluster, await there.ListAsync("", default)).Format();
        Assert.That(back, Is.EqualTo(text));
    }

    [Test]
    public async Task Done_again_it_writes_only_what_is_missing()
    {
        var document = Document(("a", "{\"x\":1}"), ("b", "{\"y\":2}"));
        await SetAsync("a", "{ \"x\" : 1 }");
        Assert.That(await ImportAsync(document), Is.EqualTo(1));
        Assert.That(await ImportAsync(document), Is.Zero);
    }

    [Test]
    public async Task Other_values_are_replaced_only_when_that_is_asked_for()
    {
        await SetAsync("a", "{\"x\":0}");
        await SetAsync("c", "{}");
        var document = Document(("a", "{\"x\":1}"), ("b", "{}"));
        Assert.That(() => ImportAsync(document), Throws.TypeOf<StartException>().With.Message.Contains("already: a;"));
        Assert.That(await Control.ReadAsync("b", default), Is.Null);
        Assert.That(await ImportAsync(document, overwrites: true), Is.EqualTo(2));
        Assert.That((await Control.ReadAsync("a", default))!.Json, Does.Contain("1"));
        Assert.That(await Control.ReadAsync("c", default), Is.Not.Null);
    }

    [TestCase(4ul, 9ul)]
    [TestCase(6ul, 2ul)]
    public async Task A_volume_never_becomes_older(ulong epoch, ulong generation)
    {
        await SetAsync("volumes/files", Volume(5, 3));
        var document = Document(("volumes/files", Volume(epoch, generation)), ("a", "{}"));
        Assert.That(
            () => ImportAsync(document, overwrites: true),
            Throws.TypeOf<StartException>().With.Message.Contains($"epoch 5 and generation 3, and in the file at {epoch} and {generation}"));
        Assert.That(await Control.ReadAsync("a", default), Is.Null);
    }

    [Test]
    public async Task A_volume_may_become_newer()
    {
        await SetAsync("volumes/files", Volume(5, 3));
        Assert.That(await ImportAsync(Document(("volumes/files", Volume(6, 3))), overwrites: true), Is.EqualTo(1));
    }

    [TestCase("gateways/gw1")]
    [TestCase("alive/files")]
    public async Task While_a_gateway_runs_nothing_is_imported(string presence)
    {
        await using var running = await Control.AnnounceAsync(presence, "{}", TimeSpan.FromSeconds(1), default);
        Assert.That(() => ImportAsync(Document(("a", "{}"))), Throws.TypeOf<StartException>().With.Message.Contains(presence));
    }

    [Test]
    public void Another_cluster_is_refused() =>
        Assert.That(
            async () => await ClusterImport.RunAsync(Control, Guid.Empty, Document(("a", "{}")), false, default),
            Throws.TypeOf<StartException>().With.Message.Contains("secret"));

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{\"format\":2}")]
    [TestCase("{\"format\":1,\"cluster\":\"x\",\"values\":{}}")]
    [TestCase("{\"format\":1,\"cluster\":\"00112233-4455-6677-8899-aabbccddeeff\"}")]
    [TestCase("{\"format\":1,\"cluster\":\"00112233-4455-6677-8899-aabbccddeeff\",\"values\":{\"a\":null}}")]
    public void What_is_no_export_is_refused(string text) =>
        Assert.That(() => ClusterDocument.Parse(text), Throws.TypeOf<StartException>());

    private static string Volume(ulong epoch, ulong generation) => $"{{\"epoch\":{epoch},\"configGeneration\":{generation}}}";

    private static ClusterDocument Document(params (string Key, string Json)[] values) =>
        new(Cluster, values.ToDictionary(value => value.Key, value => JsonNode.Parse(value.Json)!));

    private Task<int> ImportAsync(ClusterDocument document, bool overwrites = false) =>
        ClusterImport.RunAsync(Control, Cluster, document, overwrites, default);

    private async Task SetAsync(string key, string json) =>
        Assert.That(await Control.CompareAndSetAsync(key, 0, json, default), Is.Not.Null);
}
