using System.Buffers;
using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class RecordedReplyTests : TreeFixture
{
    private static Reply Request(string request, string client = "client") => new(client, request);

    [Test]
    public async Task ARetransmissionGetsTheFirstAnswer()
    {
        var first = Request("x1");
        var made = await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, first);
        Assert.That(made.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(first.IsReplayed, Is.False);

        var second = Request("x1");
        var again = await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, second);
        Assert.That(again.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(second.IsReplayed, Is.True);
        Assert.That(second.Bytes.ToArray(), Is.EqualTo(first.Bytes.ToArray()));

        var fresh = Request("x2");
        Assert.That(
            (await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, fresh)).Status,
            Is.EqualTo(FileStatus.Exists));
        Assert.That(fresh.Bytes.IsEmpty, Is.True);
    }

    [Test]
    public async Task EveryChangeIsDoneOnceAlsoByTheNextOwner()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await CreateAsync(Tree.Root, "g");
        await MakeDirectoryAsync(Tree.Root, "d");
        var changes = new List<(string Name, Func<RecordedReply, ValueTask<ChangeResult>> Run)>
        {
            ("create", r => Tree.CreateAsync(Tree.Root, "c"u8, CreateMode.Guarded, default, 0, Root, r)),
            ("mkdir", r => Tree.MakeDirectoryAsync(Tree.Root, "m"u8, default, Root, r)),
            ("symlink", r => Tree.MakeSymbolicLinkAsync(Tree.Root, "s"u8, "x"u8, default, Root, r)),
            ("mknod", r => Tree.MakeNodeAsync(Tree.Root, "p"u8, NodeType.Fifo, default, default, Root, r)),
            ("link", r => Tree.LinkAsync(file, Tree.Root, "l"u8, Root, r)),
            ("rename", r => Tree.RenameAsync(Tree.Root, "f"u8, Tree.Root, "h"u8, Root, r)),
            ("remove", r => Tree.RemoveAsync(Tree.Root, "g"u8, Root, r)),
            ("rmdir", r => Tree.RemoveDirectoryAsync(Tree.Root, "d"u8, Root, r)),
            ("setattr", r => Tree.SetAttributesAsync(file, new() { Size = 0 }, null, Root, r)),
            ("cut", r => Tree.CreateAsync(Tree.Root, "h"u8, CreateMode.Unchecked, new() { Size = 0 }, 0, Root, r)),
        };

        var answers = new List<byte[]>();
        foreach (var (name, run) in changes)
        {
            var reply = Request(name);
            Assert.That((await run(reply)).Status, Is.EqualTo(FileStatus.Ok), name);
            Assert.That(reply.Bytes.IsEmpty, Is.False, name);
            answers.Add(reply.Bytes.ToArray());
        }

        await WriteAsync(file, 0, Pattern(1, 100));
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < changes.Count; i++)
            {
                var reply = Request(changes[i].Name);
                var result = await changes[i].Run(reply);
                Assert.That(result.Status, Is.EqualTo(FileStatus.Ok), changes[i].Name);
                Assert.That(reply.IsReplayed, Is.True, changes[i].Name);
                Assert.That(reply.Bytes.ToArray(), Is.EqualTo(answers[i]), changes[i].Name);
            }

            Assert.That((await AttributesAsync(file)).Size, Is.EqualTo(100), "nothing was cut again");
            Store.StartNextEpoch();
            await ReopenAsync();
        }
    }

    [Test]
    public async Task ALateCopyOfWhatWasRefusedChangesNothing()
    {
        var first = Request("r");
        Assert.That((await Tree.RemoveAsync(Tree.Root, "x"u8, Root, first)).Status, Is.EqualTo(FileStatus.NoEntry));
        Assert.That(first.Bytes.IsEmpty, "What was refused has no recorded bytes.");
        await CreateAsync(Tree.Root, "x");
        var second = Request("r");
        Assert.That((await Tree.RemoveAsync(Tree.Root, "x"u8, Root, second)).Status, Is.EqualTo(FileStatus.NoEntry));
        Assert.That((await Tree.LookupAsync(Tree.Root, "x"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await Tree.RemoveAsync(Tree.Root, "x"u8, Root, Request("s"))).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(CountReplies(), Is.EqualTo(1), "A refusal writes no row.");
    }

    // Its memory is its own; what was sent before it opened the volume does not reach it.
    [Test]
    public async Task TheNextOwnerKnowsNoRefusals()
    {
        Assert.That((await Tree.RemoveAsync(Tree.Root, "x"u8, Root, Request("r"))).Status, Is.EqualTo(FileStatus.NoEntry));
        await CreateAsync(Tree.Root, "x");
        Store.StartNextEpoch();
        Assert.That((await Tree.RemoveAsync(Tree.Root, "x"u8, Root, Request("r"))).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task AFullStoreAnswersWhatWasDoneBefore()
    {
        var made = Request("m");
        await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, made);
        var space = Store.Space;
        Store.Space = space with { AvailableBytes = 0 };
        var again = Request("m");
        Assert.That((await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, again)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(again.Bytes.ToArray(), Is.EqualTo(made.Bytes.ToArray()));
        Assert.That(
            (await Tree.MakeDirectoryAsync(Tree.Root, "e"u8, default, Root, Request("n"))).Status, Is.EqualTo(FileStatus.NoSpace));
        Assert.That((await Tree.RemoveDirectoryAsync(Tree.Root, "d"u8, Root, Request("o"))).Status, Is.EqualTo(FileStatus.Ok));

        Store.Space = space;
        Assert.That(
            (await Tree.MakeDirectoryAsync(Tree.Root, "e"u8, default, Root, Request("n"))).Status,
            Is.EqualTo(FileStatus.NoSpace),
            "A late copy, after the client was told");
        Assert.That((await Tree.MakeDirectoryAsync(Tree.Root, "e"u8, default, Root, Request("p"))).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task ClientsDoNotGetEachOthersReplies()
    {
        await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, Request("x", "a"));
        var other = await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, Request("x", "b"));
        Assert.That(other.Status, Is.EqualTo(FileStatus.Exists));
    }

    [Test]
    public async Task AReplyOfUnknownOutcomeIsNotHandedOut()
    {
        Store.Interfere = call => call == Gateway.Replication.Store.StoreCall.Execute
            ? new Gateway.Replication.Store.StoreInterference(
                Gateway.Replication.Store.StoreOutcome.Unavailable, AfterEffect: true)
            : null;
        var first = Request("x");
        var result = await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, first);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Unavailable));
        Assert.That(first.Bytes.IsEmpty, Is.True);

        Store.Interfere = null;
        var second = Request("x");
        await Tree.MakeDirectoryAsync(Tree.Root, "d"u8, default, Root, second);
        Assert.That(second.IsReplayed, Is.True);
        Assert.That(second.Bytes.IsEmpty, Is.False);
    }

    [Test]
    public async Task OldRepliesGoPerClient()
    {
        await MakeDirectoryAsync(Tree.Root, "d");
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < RecordedReply.RepliesPerClientMax + 50; i++)
        {
            var reply = Request($"s{i}", i % 50 == 0 ? "other" : "client");
            await Tree.SetAttributesAsync(file, Mode(0x180), null, Root, reply);
        }

        var rows = CountReplies();
        Assert.That(rows, Is.LessThanOrEqualTo(RecordedReply.RepliesPerClientMax + 100));

        await ReopenAsync();
        var oldest = Request("s0", "other");
        await Tree.SetAttributesAsync(file, Mode(0x180), null, Root, oldest);
        Assert.That(oldest.IsReplayed, Is.True, "a busy client does not evict a quiet one");
    }

    private int CountReplies()
    {
        var count = 0;
        using var rows = Store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek("R"u8); more && cursor.Key[0] == 'R'; more = cursor.MoveNext()) count++;
        return count;
    }

    private sealed class Reply(string client, string request) : RecordedReply
    {
        private readonly byte[] _client = Bytes(client);
        private readonly byte[] _request = Bytes(request);

        public override ReadOnlySpan<byte> Client => _client;

        public override ReadOnlySpan<byte> Request => _request;

        protected internal override void Encode(ChangeResult result, IBufferWriter<byte> destination)
        {
            destination.Write(_request);
            destination.Write(BitConverter.GetBytes(result.Node.After?.ChangeTime.Nanoseconds ?? 0));
        }
    }
}
