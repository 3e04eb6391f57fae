using System.Globalization;
using Gateway.FileSystem;
using Gateway.FileSystem.Locks;

namespace Gateway.Tests.FileSystem.Locks;

/// <summary>Waits that would never end are refused; those that look like it, and end, are not.</summary>
[TestFixture]
public sealed class LockDeadlockTests : TreeFixture
{
    private readonly List<string> _granted = [];

    [SetUp]
    public void Forget() => _granted.Clear();

    [Test]
    public async Task Two_owners_that_wait_for_each_other()
    {
        var one = await CreateAsync(Tree.Root, "1");
        var two = await CreateAsync(Tree.Root, "2");
        await LockAsync(one, "a");
        await LockAsync(two, "b");
        Assert.That(await WaitAsync(two, "a"), Is.EqualTo(FileStatus.LockWaiting));

        Assert.That(await WaitAsync(one, "b"), Is.EqualTo(FileStatus.Deadlock));
        Assert.That(Tree.Locks.Waiting, Is.EqualTo(1), "who is refused does not wait");
        await UnlockAsync(two, "b");
        Assert.That(_granted, Is.EqualTo(new[] { "a" }));
        Assert.That(await WaitAsync(one, "b"), Is.EqualTo(FileStatus.LockWaiting), "b holds nothing now");
    }

    [Test]
    public async Task Ranges_of_one_file()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(file, "a", 0);
        await LockAsync(file, "b", 1);
        Assert.That(await WaitAsync(file, "a", 1), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(file, "b", 0), Is.EqualTo(FileStatus.Deadlock));
    }

    [Test]
    public async Task Two_readers_that_both_want_to_write()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(file, "a", exclusive: false);
        await LockAsync(file, "b", exclusive: false);
        Assert.That(await WaitAsync(file, "a"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(file, "b"), Is.EqualTo(FileStatus.Deadlock));
        await UnlockAsync(file, "b");
        Assert.That(_granted, Is.EqualTo(new[] { "a" }));
    }

    [TestCase(3)]
    [TestCase(10)]
    public async Task A_ring_of_owners(int owners)
    {
        var files = new List<NodeId>();
        for (var i = 0; i < owners; i++)
        {
            files.Add(await CreateAsync(Tree.Root, Name(i)));
            await LockAsync(files[i], Name(i));
        }

        for (var i = 0; i < owners - 1; i++)
            Assert.That(await WaitAsync(files[i + 1], Name(i)), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(files[0], Name(owners - 1)), Is.EqualTo(FileStatus.Deadlock));
    }

    [Test]
    public async Task A_chain_is_no_ring_and_a_very_long_one_is_not_followed()
    {
        const int Owners = LockCycle.FollowedMax + 10;
        var files = new List<NodeId>();
        for (var i = 0; i < Owners; i++)
        {
            files.Add(await CreateAsync(Tree.Root, Name(i)));
            await LockAsync(files[i], Name(i));
        }

        for (var i = 0; i < Owners - 1; i++)
            Assert.That(await WaitAsync(files[i + 1], Name(i)), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(files[^2], "other"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(files[0], Name(Owners - 1)), Is.EqualTo(FileStatus.LockWaiting));
    }

    [Test]
    public async Task Many_who_wait_for_one_are_no_deadlock()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var other = await CreateAsync(Tree.Root, "g");
        await LockAsync(file, "holder");
        for (var i = 0; i < 100; i++)
            Assert.That(await WaitAsync(file, Name(i)), Is.EqualTo(FileStatus.LockWaiting));
        await LockAsync(other, Name(3));
        Assert.That(await WaitAsync(other, "stranger"), Is.EqualTo(FileStatus.LockWaiting));
    }

    [Test]
    public async Task The_place_in_line_counts_too()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var other = await CreateAsync(Tree.Root, "g");
        await LockAsync(other, "writer2");
        await LockAsync(file, "holder");
        Assert.That(await WaitAsync(file, "writer1"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(file, "writer2"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(other, "writer1"), Is.EqualTo(FileStatus.Deadlock), "writer2 is behind it");
        Assert.That(await WaitAsync(other, "holder"), Is.EqualTo(FileStatus.Deadlock), "writer2 waits for it");
    }

    /// <summary>Behind the writer it would wait for ever: the writer waits for what it holds.</summary>
    [Test]
    public async Task Who_holds_a_lock_gets_another_before_those_who_wait_for_it()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(file, "reader", exclusive: false);
        Assert.That(await WaitAsync(file, "writer"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(file, "reader"), Is.EqualTo(FileStatus.Ok));
        await UnlockAsync(file, "reader");
        Assert.That(_granted, Is.EqualTo(new[] { "writer" }));
    }

    [Test]
    public async Task Who_holds_a_lock_waits_before_those_who_wait_for_it()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await LockAsync(file, "reader1", exclusive: false);
        await LockAsync(file, "reader2", exclusive: false);
        Assert.That(await WaitAsync(file, "writer"), Is.EqualTo(FileStatus.LockWaiting));
        Assert.That(await WaitAsync(file, "reader1"), Is.EqualTo(FileStatus.LockWaiting), "reader2 is in the way");
        await UnlockAsync(file, "reader2");
        Assert.That(_granted, Is.EqualTo(new[] { "reader1" }));
        await UnlockAsync(file, "reader1");
        Assert.That(_granted, Is.EqualTo(new[] { "reader1", "writer" }));
    }

    [Test]
    public async Task Who_gave_up_waiting_is_in_nobodys_way()
    {
        var one = await CreateAsync(Tree.Root, "1");
        var two = await CreateAsync(Tree.Root, "2");
        await LockAsync(one, "a");
        await LockAsync(two, "b");
        await WaitAsync(two, "a");
        Assert.That(Tree.Locks.Cancel(Ask(two, "a", 0, true)), Is.EqualTo(FileStatus.Ok));
        Assert.That(await WaitAsync(one, "b"), Is.EqualTo(FileStatus.LockWaiting));
    }

    private static string Name(int i) => i.ToString(CultureInfo.InvariantCulture);

    private static LockRequest Ask(NodeId node, string owner, ulong offset, bool exclusive) =>
        new(node, new LockOwner("client"u8, Bytes(owner)), LockRange.Of(offset, 1), exclusive);

    private async Task LockAsync(NodeId node, string owner, ulong offset = 0, bool exclusive = true)
    {
        var result = await Tree.Locks.LockAsync(Ask(node, owner, offset, exclusive));
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
    }

    private async Task<FileStatus> WaitAsync(NodeId node, string owner, ulong offset = 0)
    {
        var result = await Tree.Locks.LockOrWaitAsync(Ask(node, owner, offset, true), _ => _granted.Add(owner));
        return result.Status;
    }

    private async Task UnlockAsync(NodeId node, string owner)
    {
        var range = LockRange.Of(0, 1);
        var status = await Tree.Locks.UnlockAsync(node, new LockOwner("client"u8, Bytes(owner)), range);
        Assert.That(status, Is.EqualTo(FileStatus.Ok));
    }
}
