using System.Text.Json;
using Gateway.Admin;
using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Admin;

public sealed class NodeAdministrationTests
{
    private readonly AdminSeal _seal = new(ClusterSecret.FromKey(new byte[32]));
    private readonly List<MemberRequest> _asked = [];
    private string _directory = null!;
    private EmbeddedControlPlane _control = null!;
    private NodeRegistry _registry = null!;
    private NodeAdministration _administration = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("nodes-").FullName;
        _control = EmbeddedControlPlane.Open(_directory);
        _registry = new NodeRegistry(_control, NullLogger.Instance);
        _asked.Clear();
        _administration = new NodeAdministration(
            _seal, _registry, name => name == "files" ? AnswerAsync : null, TimeProvider.System);
    }

    [TearDown]
    public void TearDown()
    {
        _control.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task A_node_that_joins_is_registered_and_then_asked_for()
    {
        Assert.That(
            await AskAsync(new NodeChangeRequest
            {
                Volume = "files",
                Joins = "n4",
                Address = "10.0.0.4:7001",
                Leaves = "n1",
                BytesPerSecond = 5,
            }),
            Is.EqualTo(new NodeChangeAnswer(null)));
        Assert.That(_asked, Is.EqualTo(new[] { new MemberRequest { Joins = "n4", Leaves = "n1", BytesPerSecond = 5 } }));
        await using var places = new NodePlaces(_control, TimeProvider.System, NullLogger.Instance);
        var nodes = new KnownNodes([], _registry, places);
        var found = await nodes.FindAsync("n4", default);
        Assert.That(found?.Connector.Address, Is.EqualTo("10.0.0.4:7001"));
        Assert.That(await nodes.FindAsync("n5", default), Is.Null);
    }

    [Test]
    public async Task What_the_volume_says_and_what_is_wrong_is_told()
    {
        Assert.That(await ProblemOf(new NodeChangeRequest { Volume = "files", Joins = "bad" }), Is.EqualTo("not this one"));
        Assert.That(
            await ProblemOf(new NodeChangeRequest { Volume = "other", Joins = "n4" }),
            Is.EqualTo("this gateway does not own a volume other"));
        Assert.That(
            await ProblemOf(new NodeChangeRequest { Volume = "files", Joins = "n4", Address = "nowhere" }),
            Is.EqualTo("nowhere is no address"));
    }

    [Test]
    public async Task Only_what_was_sealed_for_this_and_only_once_is_answered()
    {
        var request = Text(new NodeChangeRequest { Volume = "files", Cancels = true });
        Assert.That(await _administration.AnswerAsync(_seal.Seal(request, default), default), Is.Null, "For users.");
        Assert.That(await _administration.AnswerAsync(request, default), Is.Null, "Not sealed.");
        var message = _seal.Seal(request, NodeChangeRequest.Context);
        Assert.That(await _administration.AnswerAsync(message, default), Is.Not.Null);
        Assert.That(await _administration.AnswerAsync(message, default), Is.Null, "Again.");
        Assert.That(_asked, Is.EqualTo(new[] { new MemberRequest { Cancels = true } }));
    }

    private static byte[] Text(NodeChangeRequest request) => JsonSerializer.SerializeToUtf8Bytes(
        request with { IssuedAt = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() },
        NodeChangeJson.Default.NodeChangeRequest);

    private Task<string?> AnswerAsync(MemberRequest request, CancellationToken cancellation)
    {
        _asked.Add(request);
        return Task.FromResult(request.Joins == "bad" ? "not this one" : null);
    }

    private async Task<string?> ProblemOf(NodeChangeRequest request) => (await AskAsync(request))?.Problem;

    private async Task<NodeChangeAnswer?> AskAsync(NodeChangeRequest request)
    {
        var message = _seal.Seal(Text(request), NodeChangeRequest.Context);
        var answer = await _administration.AnswerAsync(message, default);
        Assert.That(_seal.TryOpen(answer, message, out var text));
        return JsonSerializer.Deserialize(text, NodeChangeJson.Default.NodeChangeAnswer);
    }
}
