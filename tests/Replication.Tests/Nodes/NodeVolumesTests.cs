using System.Collections.Concurrent;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Replication.Tests.Owner;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Nodes;

public sealed class NodeVolumesTests
{
    private static readonly ClusterSecret Secret = ClusterSecret.FromKey(new byte[32]);
    private static readonly Guid First = new("6f1d7a35-4fd0-4b8c-bc60-0b6f1f0a6c01");
    private static readonly Guid Second = new("6f1d7a35-4fd0-4b8c-bc60-0b6f1f0a6c02");

    private string _directory = null!;

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("node-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public async Task Each_volume_has_a_copy_of_its_own_and_keeps_it()
    {
        ulong first, second;
        await using (var node = await OpenAsync())
        {
            first = IncarnationOf(node, First);
            second = IncarnationOf(node, Second);
            Assert.That(IncarnationOf(node, First), Is.EqualTo(first));
            Assert.That(second, Is.Not.EqualTo(first));
        }

        await using var again = await OpenAsync();
        Assert.That(IncarnationOf(again, First), Is.EqualTo(first));
        Assert.That(IncarnationOf(again, Second), Is.EqualTo(second));
    }

    [Test]
    public async Task The_node_says_how_each_copy_is()
    {
        await using var node = await OpenAsync();
        Assert.That(node.Conditions(), Is.Empty);
        _ = IncarnationOf(node, First);
        _ = IncarnationOf(node, Second);
        var conditions = node.Conditions().ToDictionary(copy => copy.Volume, copy => copy.Condition);
        Assert.That(conditions.Keys, Is.EquivalentTo(new[] { First, Second }));
        Assert.That(conditions[First].TotalBytes, Is.Positive);
        await node.DisposeAsync();
        Assert.That(node.Conditions(), Is.Empty);
    }

    [Test]
    public async Task A_copy_that_was_lost_is_another_incarnation_and_the_others_stay()
    {
        ulong first, second;
        await using (var node = await OpenAsync())
            (first, second) = (IncarnationOf(node, First), IncarnationOf(node, Second));

        Directory.Delete(DirectoryOf(First), recursive: true);
        await using var again = await OpenAsync();
        Assert.That(IncarnationOf(again, First), Is.Not.EqualTo(first));
        Assert.That(IncarnationOf(again, Second), Is.EqualTo(second));
    }

    [Test]
    public async Task A_peer_that_does_not_know_the_secret_makes_no_copy()
    {
        await using var node = await OpenAsync();
        await using var local = Local(node);
        var other = new ClusterSecret(Secret.Cluster, new byte[32].Select(_ => (byte)1).ToArray());
        await using var link = await local.ConnectAsync(LinkTo(local), default);
        Assert.That(
            async () => await LinkHandshake.ConnectAsync(link, new LinkTrust(other), "a", First, default),
            Throws.TypeOf<LinkRefusedException>());
        Assert.That(Directory.Exists(DirectoryOf(First)), Is.False);
    }

    [Test]
    public async Task A_link_reaches_the_copy_of_the_volume_it_asked_for()
    {
        await using var node = await OpenAsync();
        await using var local = Local(node);
        foreach (var volume in new[] { First, Second })
        {
            await using var link = await local.ConnectAsync(LinkTo(local), default);
            var identity = await LinkHandshake.ConnectAsync(link, new LinkTrust(Secret), "a", volume, default);
            Assert.That(identity, Is.EqualTo(new NodeIdentity("a", IncarnationOf(node, volume))));
        }
    }

    [Test]
    public async Task No_more_volumes_than_the_bound_are_made()
    {
        await using var node = await OpenAsync();
        for (var number = 0; number < NodeVolumes.VolumesMax; number++) IncarnationOf(node, NumberedVolume(number));
        Assert.That(
            () => node.Enter(First),
            Throws.TypeOf<LinkRefusedException>().With.Property("Reason").EqualTo(LinkRefusal.Unavailable));
        Assert.That(IncarnationOf(node, NumberedVolume(0)), Is.Not.Zero);
    }

    [Test]
    public async Task Disposal_ends_the_links_and_lets_nobody_in()
    {
        var node = await OpenAsync();
        var entry = node.Enter(First);
        var closed = node.DisposeAsync().AsTask();
        await TestCluster.UntilAsync(() => entry.Closing.IsCancellationRequested, "the link is told");
        Assert.That(closed.IsCompleted, Is.False);
        entry.Dispose();
        await closed;
        Assert.That(() => node.Enter(First), Throws.TypeOf<LinkRefusedException>());
    }

    [Test]
    public async Task A_volume_that_cannot_be_opened_is_refused_and_can_be_later()
    {
        await using var node = await OpenAsync();
        File.WriteAllText(DirectoryOf(First), "in the way");
        Assert.That(() => node.Enter(First), Throws.TypeOf<LinkRefusedException>());
        Assert.That(IncarnationOf(node, Second), Is.Not.Zero);
        File.Delete(DirectoryOf(First));
        Assert.That(IncarnationOf(node, First), Is.Not.Zero);
    }

    [Test]
    public async Task A_copy_that_has_left_is_deleted_and_comes_back_as_another()
    {
        await using var node = await OpenAsync();
        var before = IncarnationOf(node, First);
        using (var entry = node.Enter(First))
        {
            var statuses = new Statuses();
            foreach (var request in Leave(before)) entry.Requests.TryPostJournal(request, 1, statuses);
            await TestCluster.UntilAsync(() => entry.Closing.IsCancellationRequested, "the links are closed");
            Assert.That(statuses.Seen, Is.EqualTo(new[] { NodeStatus.Ok, NodeStatus.Ok }));
            Assert.That(() => node.Enter(First), Throws.TypeOf<LinkRefusedException>(), "Not while it is being deleted.");
        }

        await TestCluster.UntilAsync(() => !Directory.Exists(DirectoryOf(First)), "the directory is gone");
        await TestCluster.UntilAsync(() => node.IsFree(First), "it may be made again");
        Assert.That(IncarnationOf(node, First), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task What_a_crash_left_of_a_deletion_is_deleted_at_the_next_start()
    {
        await using (var node = await OpenAsync()) IncarnationOf(node, First);
        using (var copy = BackendNode.Open(
            new BackendNodeOptions
            {
                Node = "a",
                DataDirectory = DirectoryOf(First),
                Cluster = Secret.Cluster,
                Failed = error => Assert.Fail(error.Message),
            },
            BootTimeProvider.Instance, Microsoft.Extensions.Logging.Abstractions.NullLogger<BackendNode>.Instance))
        {
            var statuses = new Statuses();
            foreach (var request in Leave(copy.Identity.Incarnation)) copy.Requests.TryPostJournal(request, 1, statuses);
            await TestCluster.UntilAsync(() => statuses.Seen.Length == 2, "it has left");
        }

        Assert.That(Directory.Exists(DirectoryOf(First)));
        await using var again = await OpenAsync();
        await TestCluster.UntilAsync(() => !Directory.Exists(DirectoryOf(First)), "the directory is gone");
    }

    [Test]
    public async Task A_second_process_and_strange_directories_are_refused()
    {
        await using (await OpenAsync()) Assert.That(OpenAsync, Throws.TypeOf<NodeStartException>());

        Directory.CreateDirectory(Path.Combine(_directory, "volumes", "mine"));
        Assert.That(OpenAsync, Throws.TypeOf<NodeStartException>().With.Message.Contains("mine"));
    }

    [Test]
    public void A_directory_of_one_volume_of_before_is_refused_with_what_to_do()
    {
        File.WriteAllText(Path.Combine(_directory, "superblock"), "");
        Assert.That(OpenAsync, Throws.TypeOf<NodeStartException>().With.Message.Contains("move"));
    }

    // Admitted, and out of the membership of the next generation.
    private static NodeRequest[] Leave(ulong incarnation) =>
    [
        new AdmitRequest { Header = new RequestHeader(First, 1, 1, 1, incarnation, 0) },
        new RetireRequest { Header = new RequestHeader(First, 1, 1, 2, incarnation, 0) },
    ];

    private sealed class Statuses : IJournalReplies
    {
        private readonly ConcurrentQueue<NodeStatus> _seen = new();

        public NodeStatus[] Seen => [.. _seen];

        public void Reply(ulong requestId, NodeReply reply) => _seen.Enqueue(reply.Header.Status);
    }

    private static ulong IncarnationOf(NodeVolumes node, Guid volume)
    {
        using var entry = node.Enter(volume);
        return entry.Requests.Identity.Incarnation;
    }

    private static Guid NumberedVolume(int number) => new(number, 0, 0, new byte[8]);

    private static NodeLinkOptions LinkTo(INodeConnector node) =>
        new() { Node = "a", Volume = First, Connector = node, Trust = new LinkTrust(Secret) };

    private static LocalNode Local(NodeVolumes node) => new(new NodeConnectionHandler(
        node, new LinkTrust(Secret), TimeProvider.System,
        Microsoft.Extensions.Logging.Abstractions.NullLogger<NodeConnectionHandler>.Instance));

    private string DirectoryOf(Guid volume) => Path.Combine(_directory, "volumes", volume.ToString("D"));

    private Task<NodeVolumes> OpenAsync()
    {
        var options = new NodeVolumesOptions
        {
            Node = "a",
            DataDirectory = _directory,
            Cluster = Secret.Cluster,
            JournalSegmentBytes = 1 << 20,
            SliceSegmentBytes = 4 << 20,
            Failed = error => TestContext.Error.WriteLine(error),
        };
        return NodeVolumes.OpenAsync(options, BootTimeProvider.Instance, TestLog.Instance);
    }
}
