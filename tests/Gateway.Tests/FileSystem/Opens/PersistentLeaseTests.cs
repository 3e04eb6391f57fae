using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Opens;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>What persistent opens cache and lock, in the next epoch and while their client is away.</summary>
[TestFixture]
public sealed class PersistentLeaseTests : PersistentFixture
{
    [Test]
    public async Task LeasesAreThere()
    {
        var client = NewClient();
        var first = await PersistAsync(client, "f", LeaseV2(1, "RWH", 0x11, parent: 5));
        var second = await PersistAsync(client, "f", LeaseV2(1, "RWH", 0x11));
        await FailOverAsync();
        var lease = Absent(first).Lease!;
        Assert.That(lease, Is.SameAs(Absent(second).Lease));
        Assert.That((Text(lease.State), lease.Key, lease.Client, lease.Version), Is.EqualTo(("RWH", Key(1), client.Id, 2)));
        Assert.That(lease.ParentKey, Is.EqualTo(Key(5)));
        Assert.That(unchecked((short)(lease.Epoch - 0x12)), Is.Positive, "later than anything the client was told");
        Assert.That(Tree.Opens.FindLease(client.Id, Key(1)), Is.SameAs(lease));

        var epoch = lease.Epoch;
        await FailOverAsync();
        Assert.That(unchecked((short)(Absent(first).Lease!.Epoch - epoch)), Is.Positive);
        await Absent(first).CloseAsync();
        await FailOverAsync();
        Assert.That(Text(Absent(second).Lease!.State), Is.EqualTo("RWH"), "the other one has it still");
        await Absent(second).CloseAsync();
        Assert.That(Tree.Opens.FindLease(client.Id, Key(1)), Is.Null);
    }

    [Test]
    public async Task OthersWaitUntilTheClientIsBackAndAnswers()
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f", LeaseV2(1, "RWH", 1));
        await FailOverAsync();
        var other = TryOpenAsync(NewClient(), "f");
        var nfs = Tree.ReadAsync(former.File, 0, new byte[1], Alice, DataAccess.OwnerOverride).AsTask();
        Assert.That(await StillRunsAsync(other) && await StillRunsAsync(nfs));
        Assert.That(client.Breaks(), Is.Empty);

        Resume(former, client);
        Assert.That((await other).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await nfs).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));
        await FailOverAsync();
        Assert.That(Text(Absent(former).Lease!.State), Is.EqualTo("RH"), "the answer was durable");
    }

    [Test]
    public async Task OthersGoOnWhenTheTimeIsOver([Values] bool byNfs)
    {
        var former = await PersistAsync(NewClient(), "f", byNfs ? Oplock("b") : Lease(1, "RWH"));
        await FailOverAsync();
        var other = byNfs
            ? Tree.RemoveAsync(Tree.Root, "f"u8, Root).AsTask()
            : (Task)TryOpenAsync(NewClient(), "f");
        Assert.That(await StillRunsAsync(other));
        Advance(61);
        await other;
        Assert.That(Tree.Opens.Absent, Is.Empty);
        Assert.That(Tree.Opens.FindLease(former.Client, Key(1)), Is.Null);
    }

    [Test]
    public async Task ReadingEndsAtOnceForAClientThatIsAway([Values("RH", "R")] string state)
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f", Lease(1, state));
        await FailOverAsync();
        await WriteAsync(former.File, 0, [1]);
        var open = Resume(former, client);
        Assert.That(Text(open.Lease!.State), Is.Empty, "it is told with the answer");
        await FailOverAsync();
        Assert.That(Text(Absent(former).Lease!.State), Is.Empty);
    }

    [Test]
    public async Task ANoticeIsDurableBeforeTheWriteThatCausedIt()
    {
        var former = await PersistAsync(NewClient(), "f", Lease(1, "R"));
        var writer = await OpenAsync(NewClient(), "f");
        await WriteAsync(writer, "x");
        await FailOverAsync();
        Assert.That(Text(Absent(former).Lease!.State), Is.Empty);
    }

    [Test]
    public async Task OplocksAreThereAndFallAsLeasesDo()
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f", Oplock("b"));
        await FailOverAsync();
        Assert.That(Absent(former).Oplock, Is.EqualTo(OplockLevel.Batch));
        var other = TryOpenAsync(NewClient(), "f");
        Assert.That(await StillRunsAsync(other));
        Resume(former, client);
        await other;
        Assert.That(client.Breaks(), Is.EqualTo("to LevelTwo"));
        await FailOverAsync();
        Assert.That(Absent(former).Oplock, Is.EqualTo(OplockLevel.LevelTwo));
        await WriteAsync(former.File, 0, [1]);
        Assert.That(Absent(former).Oplock, Is.EqualTo(OplockLevel.None));
        await FailOverAsync();
        Assert.That(Absent(former).Oplock, Is.EqualTo(OplockLevel.None));
    }

    [Test]
    public async Task ABreakWithoutAnAnswerIsDurableToo([Values] bool oplock)
    {
        var former = await PersistAsync(NewClient(answers: false), "f", oplock ? Oplock("x") : Lease(1, "RWH"));
        var other = TryOpenAsync(NewClient(), "f");
        Assert.That(await StillRunsAsync(other));
        Advance(36);
        Assert.That((await other).Status, Is.EqualTo(FileStatus.Ok));
        await FailOverAsync();
        Assert.That(Absent(former).Oplock == OplockLevel.None || Text(Absent(former).Lease!.State).Length == 0);
    }

    [Test]
    public async Task ABreakUnderWayIsTriedAnewWhenTheClientWasAway([Values] bool oplock)
    {
        var client = NewClient(answers: false);
        var open = await PersistAsync(client, "f", oplock ? Oplock("b") : Lease(1, "RWH"));
        var other = TryOpenAsync(NewClient(), "f");
        Assert.That(await StillRunsAsync(other));
        Assert.That(client.Breaks(), Is.Not.Empty);
        client.IsConnected = false;
        open.Suspend();
        Advance(40);
        Assert.That(await StillRunsAsync(other), "nobody gets what it may have written");
        client.IsConnected = client.Answers = true;
        Assert.That(open.TryResume(client, client.Token, out _));
        Assert.That((await other).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(client.Breaks(), Is.Not.Empty);
    }

    [Test]
    public async Task AnUpgradeByAnyOpenOfTheLeaseIsDurable()
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f", LeaseV2(1, "R", 1));
        await OpenAsync(client, "f", LeaseV2(1, "RWH", 1));
        Assert.That(Text(former.Lease!.State), Is.EqualTo("RWH"));
        await FailOverAsync();
        Assert.That(Text(Absent(former).Lease!.State), Is.EqualTo("RWH"));
    }

    [Test]
    public async Task AConflictOfShareModesIsToldAtOnceWhenNothingIsCached()
    {
        await PersistAsync(NewClient(), "f", Lease(1, "R"), share: ShareModes.None);
        await FailOverAsync();
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", disposition: OpenDisposition.Overwrite), Is.EqualTo(FileStatus.SharingViolation));
    }

    [Test]
    public async Task LocksAreThereAndStandAgainstEverybody()
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f");
        await WriteAsync(former, "0123456789");
        Assert.That(await former.LockAllAsync([(0, 2, true), (4, 2, false), (8, 0, true)]), Is.EqualTo(FileStatus.Ok));
        Assert.That(await former.UnlockAsync([(4, 2)]), Is.EqualTo(FileStatus.Ok));
        await FailOverAsync();

        var other = await OpenAsync(NewClient(), "f");
        Assert.That(await other.LockAsync(1, 1, false, wait: false), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await other.LockAsync(4, 2, true, wait: false), Is.EqualTo(FileStatus.Ok), "was given up");
        Assert.That(await other.LockAsync(7, 2, true, wait: false), Is.EqualTo(FileStatus.LockConflict), "between two bytes");
        Assert.That((await other.ReadAsync(0, new byte[1])).Status, Is.EqualTo(FileStatus.LockConflict));
        var asked = await Tree.Locks.TestAsync(
            new LockRequest(former.File, new LockOwner("c"u8, "o"u8), new LockRange(0, 0), Exclusive: false));
        Assert.That(asked.Status, Is.EqualTo(FileStatus.LockConflict), "NLM");

        var open = Resume(former, client);
        Assert.That((await open.ReadAsync(0, new byte[1])).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(await open.LockAsync(2, 1, true, wait: false), Is.EqualTo(FileStatus.Ok));
        Assert.That(await open.UnlockAsync([(0, 2), (8, 0), (5, 5)]), Is.EqualTo(FileStatus.RangeNotLocked));
        await FailOverAsync();
        other = await OpenAsync(NewClient(), "f");
        Assert.That(await other.LockAsync(0, 2, true, wait: false), Is.EqualTo(FileStatus.Ok));
        Assert.That(await other.LockAsync(2, 1, true, wait: false), Is.EqualTo(FileStatus.LockConflict));
    }

    [Test]
    public async Task NumbersOfLockRequestsAreThere()
    {
        var client = NewClient();
        var former = await PersistAsync(client, "f");
        await former.LockAsync(0, 1, true, wait: false, number: new LockNumber(7, 3));
        await former.LockAsync(2, 1, true, wait: false, number: new LockNumber(8, 0));
        former.LockSequences.Complete(new LockNumber(7, 3));
        former.LockSequences.Complete(new LockNumber(8, 0));
        await former.UnlockAsync([(2, 1)], new LockNumber(8, 1));
        Assert.That(
            await former.UnlockAsync([(5, 5)], new LockNumber(9, 1)), Is.EqualTo(FileStatus.RangeNotLocked), "was not carried out");
        await FailOverAsync();
        var open = Resume(former, client);
        Assert.That(open.LockSequences.IsReplay(new LockNumber(7, 3)));
        Assert.That(open.LockSequences.IsReplay(new LockNumber(8, 1)));
        Assert.That(open.LockSequences.IsReplay(new LockNumber(9, 1)), Is.False);
        Assert.That(open.LockSequences.IsReplay(new LockNumber(7, 4)), Is.False);
    }

    [Test]
    public async Task LocksAreTakenAllOrNone([Values] bool isPersistent)
    {
        var open = isPersistent ? await PersistAsync(NewClient(), "f") : await OpenAsync(NewClient(), "f");
        var other = await OpenAsync(NewClient(), "f");
        await other.LockAsync(10, 1, true, wait: false);
        Assert.That(await open.LockAllAsync([(0, 1, true), (10, 1, true)]), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await open.LockAllAsync([(0, 1, true), (0, 1, true)]), Is.EqualTo(FileStatus.LockConflict), "not even its own");
        Assert.That(await other.LockAsync(0, 1, true, wait: false), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task LocksOfOneOpenAreLimited()
    {
        var open = await PersistAsync(NewClient(), "f");
        for (ulong i = 0; i < 1024; i++) Assert.That(await open.LockAsync(i, 1, true, wait: false), Is.EqualTo(FileStatus.Ok));
        Assert.That(await open.LockAsync(5000, 1, true, wait: false), Is.EqualTo(FileStatus.LockLimit));
        var rows = CountRows();
        Assert.That(await open.CloseAsync(), Is.EqualTo(FileStatus.Ok));
        Assert.That(CountRows(), Is.EqualTo(rows - 1025));
    }
}
