using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class NamespaceTests : TreeFixture
{
    [Test]
    public async Task CreateMakesAFileThatLookupFinds()
    {
        var result = await Tree.CreateAsync(Tree.Root, "a"u8, CreateMode.Guarded, Mode(0x1A4), 0, Root);

        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        var made = result.Node.After!.Value;
        Assert.That(made.Type, Is.EqualTo(NodeType.File));
        Assert.That(made.Mode, Is.EqualTo(0x1A4));
        Assert.That(made.Links, Is.EqualTo(1));
        Assert.That(result.Directory.Before, Is.Not.Null);
        Assert.That(
            result.Directory.After!.Value.ChangeTime, Is.GreaterThan(result.Directory.Before!.Value.ChangeTime));
        Assert.That(await FindAsync(Tree.Root, "a"), Is.EqualTo(made.Node));
        Assert.That(await AttributesAsync(made.Node), Is.EqualTo(made));
    }

    [Test]
    public async Task GuardedCreateRefusesAndUncheckedTakesAnExistingFile()
    {
        var made = await CreateAsync(Tree.Root, "a");
        await WriteAsync(made, 0, Pattern(1, 100));

        var guarded = await Tree.CreateAsync(Tree.Root, "a"u8, CreateMode.Guarded, default, 0, Root);
        Assert.That(guarded.Status, Is.EqualTo(FileStatus.Exists));
        Assert.That(guarded.Directory.After, Is.Not.Null);

        var taken = await Tree.CreateAsync(Tree.Root, "a"u8, CreateMode.Unchecked, default, 0, Root);
        Assert.That(Made(taken), Is.EqualTo(made));
        Assert.That(taken.Node.After!.Value.Size, Is.EqualTo(100));

        var cut = await Tree.CreateAsync(Tree.Root, "a"u8, CreateMode.Unchecked, new() { Size = 0 }, 0, Root);
        Assert.That(Made(cut), Is.EqualTo(made));
        Assert.That(cut.Node.After!.Value.Size, Is.Zero);
        Assert.That(cut.Directory.After, Is.Not.Null);
        Assert.That(await ReadAsync(made, 0, 10), Is.Empty);
    }

    [Test]
    public async Task ExclusiveCreateKnowsItsOwnVerifier()
    {
        var first = Made(await Tree.CreateAsync(Tree.Root, "x"u8, CreateMode.Exclusive, default, 0, Root));
        var again = Made(await Tree.CreateAsync(Tree.Root, "x"u8, CreateMode.Exclusive, default, 0, Root));
        var other = await Tree.CreateAsync(Tree.Root, "x"u8, CreateMode.Exclusive, default, 7, Root);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(other.Status, Is.EqualTo(FileStatus.Exists));

        await CreateAsync(Tree.Root, "plain");
        var plain = await Tree.CreateAsync(Tree.Root, "plain"u8, CreateMode.Exclusive, default, 0, Root);
        Assert.That(plain.Status, Is.EqualTo(FileStatus.Exists));
    }

    [Test]
    public async Task UncheckedCreateOverADirectoryOrDeviceIsRefused()
    {
        await MakeDirectoryAsync(Tree.Root, "d");
        await Tree.MakeNodeAsync(Tree.Root, "f"u8, NodeType.Fifo, default, default, Root);

        var directory = await Tree.CreateAsync(Tree.Root, "d"u8, CreateMode.Unchecked, default, 0, Root);
        var fifo = await Tree.CreateAsync(Tree.Root, "f"u8, CreateMode.Unchecked, default, 0, Root);

        Assert.That(directory.Status, Is.EqualTo(FileStatus.IsDirectory));
        Assert.That(fifo.Status, Is.EqualTo(FileStatus.Exists));
    }

    [TestCase("", FileStatus.InvalidArgument)]
    [TestCase("a/b", FileStatus.InvalidArgument)]
    [TestCase("a\0b", FileStatus.InvalidArgument)]
    [TestCase(".", FileStatus.Exists)]
    [TestCase("..", FileStatus.Exists)]
    public async Task BadNamesAreRefused(string name, FileStatus status)
    {
        var result = await Tree.CreateAsync(Tree.Root, Bytes(name), CreateMode.Guarded, default, 0, Root);
        Assert.That(result.Status, Is.EqualTo(status));
    }

    [Test]
    public async Task NamesHave255BytesOfAnyKind()
    {
        var longest = new byte[255];
        Array.Fill(longest, (byte)0xFF);
        Made(await Tree.CreateAsync(Tree.Root, longest, CreateMode.Guarded, default, 0, Root));
        var found = await Tree.LookupAsync(Tree.Root, longest, Root);
        Assert.That(found.Status, Is.EqualTo(FileStatus.Ok));

        var tooLong = new string('x', 256);
        var made = await Tree.CreateAsync(Tree.Root, Bytes(tooLong), CreateMode.Guarded, default, 0, Root);
        Assert.That(made.Status, Is.EqualTo(FileStatus.NameTooLong));
        Assert.That(await LookupStatusAsync(Tree.Root, tooLong), Is.EqualTo(FileStatus.NameTooLong));
    }

    [Test]
    public async Task LookupKnowsDotAndDotDot()
    {
        var a = await MakeDirectoryAsync(Tree.Root, "a");
        var b = await MakeDirectoryAsync(a, "b");

        Assert.That(await FindAsync(b, "."), Is.EqualTo(b));
        Assert.That(await FindAsync(b, ".."), Is.EqualTo(a));
        Assert.That(await FindAsync(Tree.Root, ".."), Is.EqualTo(Tree.Root));
    }

    [Test]
    public async Task LookupFailsAsItShould()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var closed = await MakeDirectoryAsync(Tree.Root, "closed", Root, 0x1C0);

        Assert.That(await LookupStatusAsync(Tree.Root, "none"), Is.EqualTo(FileStatus.NoEntry));
        Assert.That(await LookupStatusAsync(file, "x"), Is.EqualTo(FileStatus.NotDirectory));
        Assert.That(await LookupStatusAsync(closed, "x", Alice), Is.EqualTo(FileStatus.AccessDenied));
        Assert.That(await LookupStatusAsync(new NodeId(999, 1), "x"), Is.EqualTo(FileStatus.Stale));
        Assert.That(
            await LookupStatusAsync(new NodeId(file.Inode, file.Generation + 1), "x"), Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task DirectoriesCountTheirLinks()
    {
        var a = await MakeDirectoryAsync(Tree.Root, "a");
        await MakeDirectoryAsync(a, "b");
        await MakeDirectoryAsync(a, "c");
        Assert.That((await AttributesAsync(a)).Links, Is.EqualTo(4));

        Assert.That((await Tree.RemoveDirectoryAsync(a, "b"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await AttributesAsync(a)).Links, Is.EqualTo(3));
    }

    [Test]
    public async Task RemoveDirectoryFollowsTheRules()
    {
        var a = await MakeDirectoryAsync(Tree.Root, "a");
        await CreateAsync(a, "f");

        Assert.That((await Tree.RemoveDirectoryAsync(Tree.Root, "a"u8, Root)).Status, Is.EqualTo(FileStatus.NotEmpty));
        Assert.That((await Tree.RemoveDirectoryAsync(a, "f"u8, Root)).Status, Is.EqualTo(FileStatus.NotDirectory));
        Assert.That((await Tree.RemoveDirectoryAsync(a, "."u8, Root)).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await Tree.RemoveDirectoryAsync(a, ".."u8, Root)).Status, Is.EqualTo(FileStatus.NotEmpty));
        Assert.That((await Tree.RemoveAsync(Tree.Root, "a"u8, Root)).Status, Is.EqualTo(FileStatus.IsDirectory));
        Assert.That((await Tree.RemoveAsync(a, "f"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await Tree.RemoveDirectoryAsync(Tree.Root, "a"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await Tree.GetAttributesAsync(a)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task RemoveTakesTheLastLinkAndThenTheFile()
    {
        var file = await CreateAsync(Tree.Root, "a");
        await WriteAsync(file, 0, Pattern(1, 100_000));
        var linked = await Tree.LinkAsync(file, Tree.Root, "b"u8, Root);
        Assert.That(linked.Node.After!.Value.Links, Is.EqualTo(2));

        await Tree.RemoveAsync(Tree.Root, "a"u8, Root);
        Assert.That((await AttributesAsync(file)).Links, Is.EqualTo(1));
        await Tree.RemoveAsync(Tree.Root, "b"u8, Root);

        Assert.That((await Tree.GetAttributesAsync(file)).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That(Store.LiveSlices(), Is.Empty);
        Assert.That((await Tree.RemoveAsync(Tree.Root, "b"u8, Root)).Status, Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task LinkFollowsTheRules()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var file = await CreateAsync(Tree.Root, "f");

        Assert.That(
            (await Tree.LinkAsync(directory, Tree.Root, "x"u8, Root)).Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That((await Tree.LinkAsync(file, Tree.Root, "d"u8, Root)).Status, Is.EqualTo(FileStatus.Exists));
        Assert.That((await Tree.LinkAsync(file, file, "x"u8, Root)).Status, Is.EqualTo(FileStatus.NotDirectory));
        Assert.That((await Tree.LinkAsync(file, Tree.Root, ".."u8, Root)).Status, Is.EqualTo(FileStatus.Exists));
        Assert.That((await Tree.LinkAsync(file, directory, "x"u8, Alice)).Status, Is.EqualTo(FileStatus.AccessDenied));
    }

    [Test]
    public async Task SymbolicLinksKeepTheirTarget()
    {
        var made = await Tree.MakeSymbolicLinkAsync(Tree.Root, "s"u8, "../some/where"u8, default, Bob);
        Assert.That(made.Status, Is.EqualTo(FileStatus.AccessDenied));

        var link = Made(await Tree.MakeSymbolicLinkAsync(Tree.Root, "s"u8, "../some/where"u8, default, Root));
        var read = await Tree.ReadLinkAsync(link, Alice);
        Assert.That(read.Target.ToArray(), Is.EqualTo("../some/where"u8.ToArray()));
        Assert.That(read.Attributes!.Value.Size, Is.EqualTo(13));
        Assert.That(read.Attributes!.Value.Mode, Is.EqualTo(0x1FF));

        var file = await CreateAsync(Tree.Root, "f");
        Assert.That((await Tree.ReadLinkAsync(file, Root)).Status, Is.EqualTo(FileStatus.InvalidArgument));
        var longest = new byte[4096];
        Array.Fill(longest, (byte)'x');
        var tooLong = await Tree.MakeSymbolicLinkAsync(Tree.Root, "t"u8, longest, default, Root);
        Assert.That(tooLong.Status, Is.EqualTo(FileStatus.NameTooLong));
        Made(await Tree.MakeSymbolicLinkAsync(Tree.Root, "t"u8, longest.AsSpan(1), default, Root));
    }

    [TestCase(NodeType.BlockDevice)]
    [TestCase(NodeType.CharacterDevice)]
    [TestCase(NodeType.Fifo)]
    [TestCase(NodeType.Socket)]
    public async Task SpecialNodesAreMade(NodeType type)
    {
        var node = Made(await Tree.MakeNodeAsync(Tree.Root, "n"u8, type, new DeviceNumber(8, 17), Mode(0x180), Root));
        var attributes = await AttributesAsync(node);

        Assert.That(attributes.Type, Is.EqualTo(type));
        var device = type is NodeType.BlockDevice or NodeType.CharacterDevice;
        Assert.That(attributes.Device, Is.EqualTo(device ? new DeviceNumber(8, 17) : default));
    }

    [Test]
    public async Task OnlyRootMakesDevicesAndNobodyMakesUnknownTypes()
    {
        var mine = await MakeDirectoryAsync(Tree.Root, "mine", Root, 0x1FF);
        var device = await Tree.MakeNodeAsync(mine, "n"u8, NodeType.BlockDevice, default, default, Alice);
        var fifo = await Tree.MakeNodeAsync(mine, "p"u8, NodeType.Fifo, default, default, Alice);
        var file = await Tree.MakeNodeAsync(mine, "q"u8, NodeType.File, default, default, Root);

        Assert.That(device.Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That(fifo.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(file.Status, Is.EqualTo(FileStatus.BadType));
    }

    [Test]
    public async Task StatisticsCountNodesExactly()
    {
        var before = (await Tree.GetStatisticsAsync(Tree.Root)).Statistics;
        await CreateAsync(Tree.Root, "a");
        await MakeDirectoryAsync(Tree.Root, "b");
        await Tree.LinkAsync(await FindAsync(Tree.Root, "a"), Tree.Root, "c"u8, Root);
        var more = (await Tree.GetStatisticsAsync(Tree.Root)).Statistics;
        await Tree.RemoveAsync(Tree.Root, "a"u8, Root);
        await Tree.RemoveAsync(Tree.Root, "c"u8, Root);
        var less = (await Tree.GetStatisticsAsync(Tree.Root)).Statistics;

        Assert.That(before.TotalNodes - before.FreeNodes, Is.EqualTo(1));
        Assert.That(more.TotalNodes - more.FreeNodes, Is.EqualTo(3));
        Assert.That(less.TotalNodes - less.FreeNodes, Is.EqualTo(2));
    }

    [Test]
    public async Task EverythingIsThereForTheNextOwner()
    {
        var file = await CreateAsync(Tree.Root, "a");
        await WriteAsync(file, 0, Pattern(1, 50_000));
        var handle = new byte[HandleSeal.HandleBytes];
        Tree.Handles.Seal(file, handle);

        Store.StartNextEpoch();
        await ReopenAsync();

        Assert.That(Tree.Handles.TryOpen(handle, out var opened), Is.True);
        Assert.That(opened, Is.EqualTo(file));
        Assert.That(await ReadAsync(file, 0, 50_000), Is.EqualTo(Pattern(1, 50_000)));
        var made = await CreateAsync(Tree.Root, "b");
        Assert.That(made.Inode, Is.GreaterThan(file.Inode));
    }
}
