using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Opens;
using Gateway.Tests.FileSystem.Opens;

namespace Gateway.Tests.FileSystem.Locks;

[TestFixture]
public sealed class OpenLockTests : OpenFixture
{
    private static Task<FileStatus> LockAsync(Open open, ulong offset, ulong length, bool exclusive = true) =>
        open.LockAsync(offset, length, exclusive, wait: false).AsTask();

    private static async Task<FileStatus> ReadAsync(Open open, long offset, int length) =>
        (await open.ReadAsync(offset, new byte[length])).Status;

    [Test]
    public async Task LocksAreOfTheOpenAndGivenUpAsTaken()
    {
        var a = await OpenAsync(NewClient(), "f");
        var b = await OpenAsync(NewClient(), "f");
        Assert.That(await LockAsync(a, 0, 10), Is.EqualTo(FileStatus.Ok));
        Assert.That(await LockAsync(a, 2, 2), Is.EqualTo(FileStatus.LockConflict), "not even its own");
        Assert.That(await LockAsync(a, 0, 10, false), Is.EqualTo(FileStatus.Ok), "shared on top");
        Assert.That(await LockAsync(b, 9, 1, false), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await a.UnlockAsync([(0, 5)]), Is.EqualTo(FileStatus.RangeNotLocked));
        Assert.That(await a.UnlockAsync([(0, 10)]), Is.EqualTo(FileStatus.Ok));
        Assert.That(await LockAsync(b, 9, 1, false), Is.EqualTo(FileStatus.Ok), "the exclusive one went first");
        Assert.That(await LockAsync(b, 8, 1), Is.EqualTo(FileStatus.LockConflict));
        await a.CloseAsync();
        Assert.That(await LockAsync(b, 8, 1), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task ReadsAndWritesRespectThem()
    {
        var a = await OpenAsync(NewClient(), "f");
        var b = await OpenAsync(NewClient(), "f");
        await WriteAsync(a, "0123456789");
        await LockAsync(a, 0, 5);
        Assert.That(await ReadAsync(a, 0, 10), Is.EqualTo(FileStatus.Ok));
        Assert.That(await WriteAsync(a, "x"), Is.EqualTo(FileStatus.Ok));
        Assert.That(await ReadAsync(b, 4, 1), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await ReadAsync(b, 4, 0), Is.EqualTo(FileStatus.Ok));
        Assert.That(await WriteAsync(b, "x", 4), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await WriteAsync(b, "x", 5), Is.EqualTo(FileStatus.Ok));
        await a.UnlockAsync([(0, 5)]);
        await LockAsync(a, 0, 5, false);
        Assert.That(await ReadAsync(b, 0, 5), Is.EqualTo(FileStatus.Ok));
        Assert.That(await WriteAsync(a, "x"), Is.EqualTo(FileStatus.LockConflict), "also its own");
    }

    [TestCase(10UL, 0UL, 5UL, 10UL, true)]
    [TestCase(10UL, 0UL, 10UL, 5UL, false)]
    [TestCase(10UL, 0UL, 5UL, 5UL, false)]
    [TestCase(10UL, 0UL, 10UL, 0UL, false)]
    [TestCase(ulong.MaxValue, 1UL, 0UL, ulong.MaxValue, false)]
    [TestCase(ulong.MaxValue, 1UL, ulong.MaxValue - 1, 2UL, true)]
    public async Task LocksWithoutBytesStandBetweenThem(
        ulong offset, ulong length, ulong otherOffset, ulong otherLength, bool conflicts)
    {
        var a = await OpenAsync(NewClient(), "f");
        var b = await OpenAsync(NewClient(), "f");
        Assert.That(await LockAsync(a, offset, length), Is.EqualTo(FileStatus.Ok));
        Assert.That(
            await LockAsync(b, otherOffset, otherLength),
            Is.EqualTo(conflicts ? FileStatus.LockConflict : FileStatus.Ok));
    }

    [Test]
    public async Task RangesPastTheEndOfOffsetsAreRefused()
    {
        var open = await OpenAsync(NewClient(), "f");
        Assert.That(await LockAsync(open, ulong.MaxValue, 2), Is.EqualTo(FileStatus.InvalidLockRange));
    }

    [Test]
    public async Task WaitersAreServedCancelledOrClosed()
    {
        var a = await OpenAsync(NewClient(), "f");
        var b = await OpenAsync(NewClient(), "f");
        await LockAsync(a, 0, 10);
        var pended = 0;
        var waits = b.LockAsync(0, 1, true, wait: true, () => pended++).AsTask();
        Assert.That(await StillRunsAsync(waits));
        await a.UnlockAsync([(0, 10)]);
        Assert.That(await waits, Is.EqualTo(FileStatus.Ok));
        Assert.That(pended, Is.EqualTo(1));

        using var source = new CancellationTokenSource();
        var cancelled = a.LockAsync(0, 1, true, wait: true, null, default, source.Token).AsTask();
        Assert.That(await StillRunsAsync(cancelled));
        await source.CancelAsync();
        Assert.That(await cancelled, Is.EqualTo(FileStatus.Cancelled));

        var closed = a.LockAsync(0, 1, true, wait: true).AsTask();
        Assert.That(await StillRunsAsync(closed));
        await a.CloseAsync();
        Assert.That(await closed, Is.EqualTo(FileStatus.RangeNotLocked));
    }

    [Test]
    public async Task TheyExcludeThoseOfNfsAndTheOtherWay()
    {
        var open = await OpenAsync(NewClient(), "f");
        await WriteAsync(open, "0123456789");
        var owner = new LockOwner(Bytes("nfs"), Bytes("1"));
        var whole = new LockRequest(open.Node, owner, LockRange.Of(0, 0), true);

        await LockAsync(open, 5, 1);
        Assert.That((await Tree.Locks.TestAsync(whole)).Conflict!.Range, Is.EqualTo(new LockRange(5, 5)));
        var granted = new TaskCompletionSource();
        var waits = await Tree.Locks.LockOrWaitAsync(whole, _ => granted.SetResult());
        Assert.That(waits.Status, Is.EqualTo(FileStatus.LockWaiting));
        await open.UnlockAsync([(5, 1)]);
        await granted.Task.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.That(await LockAsync(open, 100, 1), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await ReadAsync(open, 0, 1), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await WriteAsync(open, "x"), Is.EqualTo(FileStatus.LockConflict));
        var locking = open.LockAsync(100, 1, true, wait: true).AsTask();
        Assert.That(await StillRunsAsync(locking));
        await Tree.Locks.UnlockAsync(open.Node, owner, LockRange.Of(0, 0));
        Assert.That(await locking, Is.EqualTo(FileStatus.Ok));
        Assert.That(await ReadAsync(open, 0, 1), Is.EqualTo(FileStatus.Ok));
    }
}
