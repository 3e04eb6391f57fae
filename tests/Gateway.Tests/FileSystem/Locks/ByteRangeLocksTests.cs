using Gateway.FileSystem;
using Gateway.FileSystem.Locks;

namespace Gateway.Tests.FileSystem.Locks;

[TestFixture]
public sealed class ByteRangeLocksTests : TreeFixture
{
    private static LockOwner Owner(string client, string owner = "1") => new(Bytes(client), Bytes(owner));

    private static LockRequest Ask(
        NodeId node, string client, ulong offset, ulong length, bool exclusive = true, string owner = "1") =>
        new(node, Owner(client, owner), LockRange.Of(offset, length), exclusive);

    private async Task<FileStatus> LockAsync(LockRequest request) => (await Tree.Locks.LockAsync(request)).Status;

    [Test]
    public async Task ExclusiveExcludesAndSharedShares()
    {
        var file = await CreateAsync(Tree.Root, "f");
        Assert.That(await LockAsync(Ask(file, "a", 0, 10, false)), Is.EqualTo(FileStatus.Ok));
        Assert.That(await LockAsync(Ask(file, "b", 5, 10, false)), Is.EqualTo(FileStatus.Ok));
        var refused = await Tree.Locks.LockAsync(Ask(file, "c", 12, 1));
        Assert.That(refused.Status, Is.EqualTo(FileStatus.LockConflict));
        Assert.That(refused.Conflict, Is.EqualTo(Ask(file, "b", 5, 10, false)));
        Assert.That(await LockAsync(Ask(file, "c", 15, 0)), Is.EqualTo(FileStatus.Ok));
        var tested = await Tree.Locks.TestAsync(Ask(file, "a", ulong.MaxValue, 1));
        Assert.That(tested.Status, Is.EqualTo(FileStatus.LockConflict));
        Assert.That(tested.Conflict!.Range.Length, Is.Zero);
    }

    [Test]
    public async Task LocksSurviveAnotherOwnerOfTheVolume()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(Ask(file, "a", 0, 10));
        Store.StartNextEpoch();
        await ReopenAsync();
        Assert.That(await LockAsync(Ask(file, "b", 0, 1)), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await Tree.Locks.UnlockAsync(file, Owner("a"), LockRange.Of(0, 0)), Is.EqualTo(FileStatus.Ok));
        Assert.That(await LockAsync(Ask(file, "b", 0, 1)), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task TheModelOfBytesAgrees([Range(1, 10)] int seed)
    {
        const int size = 24;
        var random = new Random(seed);
        var file = await CreateAsync(Tree.Root, "f");
        var owners = new[] { Owner("a"), Owner("a", "2"), Owner("b") };

        // 0 free, 1 shared, 2 exclusive.
        var model = new int[owners.Length, size];
        for (var step = 0; step < 300; step++)
        {
            var who = random.Next(owners.Length);
            var start = random.Next(size);
            var end = random.Next(start, size);
            var kind = random.Next(3);
            var range = new LockRange((ulong)start, (ulong)end);
            if (kind == 0)
            {
                await Tree.Locks.UnlockAsync(file, owners[who], range);
                for (var i = start; i <= end; i++) model[who, i] = 0;
                continue;
            }

            var free = Enumerable.Range(start, end - start + 1).All(i => Enumerable.Range(0, owners.Length)
                .All(other => other == who || model[other, i] == 0 || (model[other, i] == 1 && kind == 1)));
            var request = new LockRequest(file, owners[who], range, kind == 2);
            Assert.That(
                (await Tree.Locks.TestAsync(request)).Status == FileStatus.Ok, Is.EqualTo(free), $"test, step {step}");
            Assert.That(await LockAsync(request) == FileStatus.Ok, Is.EqualTo(free), $"step {step}");
            for (var i = start; free && i <= end; i++) model[who, i] = kind;
        }

        await Tree.Locks.ReleaseClientAsync("a"u8);
        for (var i = 0; i < size; i++)
        {
            var request = Ask(file, "z", (ulong)i, 1);
            Assert.That((await Tree.Locks.TestAsync(request)).Status == FileStatus.Ok, Is.EqualTo(model[2, i] == 0));
        }
    }

    [Test]
    public async Task WaitersAreServedInOrder()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var granted = new List<string>();
        await LockAsync(Ask(file, "a", 0, 10));
        foreach (var client in new[] { "b", "c", "d" })
        {
            var result = await Tree.Locks.LockOrWaitAsync(
                Ask(file, client, 0, 10), held => granted.Add(System.Text.Encoding.UTF8.GetString(held.Owner.Client)));
            Assert.That(result.Status, Is.EqualTo(FileStatus.LockWaiting));
        }

        Assert.That(Tree.Locks.Waiting, Is.EqualTo(3));
        foreach (var (client, expected) in new[] { ("a", "b"), ("b", "b c"), ("c", "b c d") })
        {
            await Tree.Locks.UnlockAsync(file, Owner(client), LockRange.Of(0, 10));
            Assert.That(string.Join(' ', granted), Is.EqualTo(expected));
        }

        Assert.That(Tree.Locks.Waiting, Is.Zero);
    }

    [Test]
    public async Task AWaitingWriterIsNotStarvedByReaders()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var granted = new List<string>();
        await LockAsync(Ask(file, "reader1", 0, 10, false));
        await Tree.Locks.LockOrWaitAsync(Ask(file, "writer", 0, 10), _ => granted.Add("writer"));
        var reader = await Tree.Locks.LockOrWaitAsync(Ask(file, "reader2", 0, 10, false), _ => granted.Add("reader2"));
        Assert.That(reader.Status, Is.EqualTo(FileStatus.LockWaiting));
        await Tree.Locks.UnlockAsync(file, Owner("reader1"), LockRange.Of(0, 10));
        Assert.That(granted, Is.EqualTo(new[] { "writer" }));
        await Tree.Locks.UnlockAsync(file, Owner("writer"), LockRange.Of(0, 10));
        Assert.That(granted, Is.EqualTo(new[] { "writer", "reader2" }));
    }

    [Test]
    public async Task CancelledWaitersGetNothingAndLetOthersBy()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var granted = new List<string>();
        await LockAsync(Ask(file, "a", 0, 10, false));
        await Tree.Locks.LockOrWaitAsync(Ask(file, "w", 0, 10), _ => granted.Add("w"));
        await Tree.Locks.LockOrWaitAsync(Ask(file, "r", 0, 10, false), _ => granted.Add("r"));
        Assert.That(Tree.Locks.Cancel(Ask(file, "w", 0, 10)), Is.EqualTo(FileStatus.Ok));
        Assert.That(() => granted, Is.EqualTo(new[] { "r" }).After(2000, 5));
        Assert.That(Tree.Locks.Cancel(Ask(file, "w", 0, 10)), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task ARestartedClientLosesEverything()
    {
        var one = await CreateAsync(Tree.Root, "1");
        var two = await CreateAsync(Tree.Root, "2");
        for (var i = 0UL; i < 700; i++) await LockAsync(Ask(one, "a", i * 2, 1));
        var three = await CreateAsync(Tree.Root, "3");
        for (var i = 0UL; i < 700; i++) await LockAsync(Ask(three, "a", i * 2, 1));
        await LockAsync(Ask(two, "a", 0, 0));
        await Tree.Locks.ShareAsync(two, Owner("a"), ShareAccess.Read, ShareAccess.Write);
        var granted = 0;
        await Tree.Locks.LockOrWaitAsync(Ask(two, "b", 0, 0), _ => granted++);

        Assert.That(await Tree.Locks.ReleaseClientAsync("a"u8), Is.EqualTo(FileStatus.Ok));

        Assert.That(granted, Is.EqualTo(1));
        Assert.That(await LockAsync(Ask(one, "b", 0, 0)), Is.EqualTo(FileStatus.Ok));
        Assert.That(
            await Tree.Locks.ShareAsync(two, Owner("b"), ShareAccess.Write, ShareAccess.Read),
            Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task SharesDenyAsTheySay()
    {
        var file = await CreateAsync(Tree.Root, "f");
        Assert.That(
            await Tree.Locks.ShareAsync(file, Owner("a"), ShareAccess.Read, ShareAccess.Write),
            Is.EqualTo(FileStatus.Ok));
        Assert.That(
            await Tree.Locks.ShareAsync(file, Owner("b"), ShareAccess.Write, ShareAccess.None), Is.EqualTo(
                FileStatus.LockConflict));
        Assert.That(
            await Tree.Locks.ShareAsync(file, Owner("b"), ShareAccess.Read, ShareAccess.Read), Is.EqualTo(
                FileStatus.LockConflict));
        Assert.That(
            await Tree.Locks.ShareAsync(file, Owner("b"), ShareAccess.Read, ShareAccess.None),
            Is.EqualTo(FileStatus.Ok));
        Assert.That(await Tree.Locks.UnshareAsync(file, Owner("a")), Is.EqualTo(FileStatus.Ok));
        Assert.That(
            await Tree.Locks.ShareAsync(file, Owner("b"), ShareAccess.Write, ShareAccess.None),
            Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task TooManyLocksOnOneFileAreRefused()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0UL; i < 1024; i++)
            if (await LockAsync(Ask(file, "a", i * 2, 1)) != FileStatus.Ok) Assert.Fail($"{i}");
        Assert.That(await LockAsync(Ask(file, "a", 100_000, 1)), Is.EqualTo(FileStatus.LockLimit));
        Assert.That(await LockAsync(Ask(file, "a", 0, 0)), Is.EqualTo(FileStatus.Ok), "merging needs no room");
    }

    [Test]
    public async Task LocksGoWithTheirFile()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(Ask(file, "a", 0, 1));
        await Tree.RemoveAsync(Tree.Root, "f"u8, Root);
        await Tree.RunBackgroundRoundAsync();
        Assert.That(await LockAsync(Ask(file, "a", 0, 1)), Is.EqualTo(FileStatus.Stale));
        using var rows = Store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        Assert.That(cursor.Seek("L"u8) && cursor.Key[0] == 'L', Is.False);
        Assert.That(cursor.Seek("O"u8) && cursor.Key[0] == 'O', Is.False);
    }

    [Test]
    public async Task MonitoredHostsAreRows()
    {
        Assert.That(await Tree.Monitors.AddAsync("host"u8, "x"u8), Is.EqualTo(FileStatus.Ok));
        Assert.That(await Tree.Monitors.AddAsync(new byte[256], "x"u8), Is.EqualTo(FileStatus.InvalidArgument));
        await Tree.Monitors.SetStateAsync(7);
        Store.StartNextEpoch();
        await ReopenAsync();
        Assert.That(Tree.Monitors.State, Is.EqualTo(7));
        Assert.That(Tree.Monitors.List().Single().Name, Is.EqualTo("host"u8.ToArray()));
        await Tree.Monitors.RemoveAsync("host"u8);
        Assert.That(Tree.Monitors.List(), Is.Empty);
    }
}
