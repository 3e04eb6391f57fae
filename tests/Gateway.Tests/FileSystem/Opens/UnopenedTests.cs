using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Opens;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>What NFS does to files that SMB clients cache or have open.</summary>
[TestFixture]
public sealed class UnopenedTests : OpenFixture
{
    [Test]
    public async Task AWriteTakesAllCaching()
    {
        var client = NewClient(answers: false);
        var open = await OpenAsync(client, "f", Lease(1, "RWH"));
        var writing = WriteAsync(open.File, 0, Bytes("x"));
        Assert.That(await StillRunsAsync(writing));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>"));
        open.Lease!.Acknowledge(LeaseState.None);
        Assert.That((await writing).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task AReadTakesWhatIsNotWrittenYet()
    {
        var client = NewClient();
        var open = await OpenAsync(client, "f", Lease(1, "RWH"));
        await ReadAsync(open.File, 0, 1);
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));
        await ReadAsync(open.File, 0, 1);
        Assert.That(client.Breaks(), Is.Empty);
    }

    [Test]
    public async Task AttributesTakeNothing()
    {
        var client = NewClient(answers: false);
        var open = await OpenAsync(client, "f", Lease(1, "RWH"));
        await AttributesAsync(open.File);
        await LookupStatusAsync(Tree.Root, "f", Alice);
        await Tree.AccessAsync(open.File, AccessRights.Read, Alice);
        await Tree.ReadDirectoryAsync(Tree.Root, 0, new NameVisitor(int.MaxValue, attributes: true), Alice);
        Assert.That(client.Breaks(), Is.Empty);
    }

    [Test]
    public async Task ACutTakesReadersCaching()
    {
        var client = NewClient();
        var open = await OpenAsync(client, "f", Lease(1, "R"));
        await Tree.SetAttributesAsync(open.File, new AttributeChanges { Size = 0 }, null, Root);
        Assert.That(client.Breaks(), Is.EqualTo("R>!"));
    }

    [Test]
    public async Task ARemoveWaitsForCachedOpensAndLeavesTheOthersTheirFile()
    {
        var client = NewClient(answers: false);
        var open = await OpenAsync(client, "f", Lease(1, "RH"));
        await WriteAsync(open, "content");
        var removing = Tree.RemoveAsync(Tree.Root, Bytes("f"), Root).AsTask();
        Assert.That(await StillRunsAsync(removing));
        Assert.That(client.Breaks(), Is.EqualTo("RH>R"));
        open.Lease!.Acknowledge(StateOf("R"));
        Assert.That((await removing).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.NoEntry));

        var into = new byte[7];
        Assert.That((await open.ReadAsync(0, into)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(into, Is.EqualTo(Bytes("content")));
        await open.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(open.File)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task AnUnlinkedFileDoesNotOutliveTheProcess()
    {
        var open = await OpenAsync(NewClient(), "f");
        await Tree.RemoveAsync(Tree.Root, Bytes("f"), Root);
        Store.StartNextEpoch();
        await ReopenAsync();
        await Tree.RunBackgroundRoundAsync();
        Assert.That((await Tree.GetAttributesAsync(open.File)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task ARenameMovesTheOpens()
    {
        var open = await OpenAsync(NewClient(), "f");
        await Tree.RenameAsync(Tree.Root, Bytes("f"), Tree.Root, Bytes("g"), Root);
        Assert.That(open.Name.ToArray(), Is.EqualTo(Bytes("g")));
    }

    [Test]
    public async Task ALockWaitsForThoseWhoMayHoldLocksInTheirCache()
    {
        var client = NewClient(answers: false);
        var open = await OpenAsync(client, "f", Lease(1, "RWH"));
        var locking = Tree.Locks.LockAsync(WholeOf(open)).AsTask();
        Assert.That(await StillRunsAsync(locking));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>"));
        await open.LockAsync(0, 1, exclusive: true, wait: false);
        open.Lease!.Acknowledge(LeaseState.None);
        Assert.That((await locking).Status, Is.EqualTo(FileStatus.LockConflict), "the client told of its lock first");
    }

    [Test]
    public async Task ATestOfALockDoesTheSame()
    {
        var client = NewClient(answers: false);
        var open = await OpenAsync(client, "f", Lease(1, "RWH"));
        var testing = Tree.Locks.TestAsync(WholeOf(open)).AsTask();
        Assert.That(await StillRunsAsync(testing));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));
        await open.LockAsync(0, 1, exclusive: true, wait: false);
        open.Lease!.Acknowledge(StateOf("RH"));
        Assert.That((await testing).Status, Is.EqualTo(FileStatus.LockConflict));
    }

    [Test]
    public async Task NobodyMayCacheWhileALockOfNfsIsHeld()
    {
        var first = await OpenAsync(NewClient(), "f");
        await first.CloseAsync();
        var whole = WholeOf(first);
        await Tree.Locks.LockAsync(whole);
        var second = await OpenAsync(NewClient(), "f", Lease(1, "RWH"));
        Assert.That(Text(second.Lease!.State), Is.Empty);
        await second.CloseAsync();
        await Tree.Locks.UnlockAsync(whole.Node, whole.Owner, whole.Range);
        var third = await OpenAsync(NewClient(), "f", Lease(2, "RWH"));
        Assert.That(Text(third.Lease!.State), Is.EqualTo("RWH"));
    }

    [Test]
    public async Task NobodyMayCacheWhileALockOfNfsIsUnderWay()
    {
        var holder = NewClient(answers: false);
        var held = await OpenAsync(holder, "f", Lease(1, "RWH"));
        var locking = Tree.Locks.LockAsync(WholeOf(held)).AsTask();
        Assert.That(await StillRunsAsync(locking));
        var opening = OpenAsync(NewClient(), "f", Lease(2, "RWH"));
        Assert.That(await StillRunsAsync(opening));
        await held.CloseAsync();
        Assert.That(Text((await opening).Lease!.State), Is.Empty);
        Assert.That((await locking).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task ChangesOfADirectoryBreakItsLeases()
    {
        var client = NewClient();
        await OpenAsync(client, "d", LeaseV2(1, "RH", 1), options: OpenOptions.Directory);
        await CreateAsync(await FindAsync(Tree.Root, "d"), "f");
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));
    }

    private static LockRequest WholeOf(Open open) =>
        new(open.Node, new LockOwner(Bytes("nfs"), Bytes("1")), LockRange.Of(0, 0), true);
}
