using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class RenameTests : TreeFixture
{
    private async Task<ChangeResult> RenameAsync(
        NodeId from, string fromName, NodeId to, string toName, Caller caller = default) =>
        await Tree.RenameAsync(from, Bytes(fromName), to, Bytes(toName), caller);

    private async Task<NodeId> MakeAsync(NodeId directory, string name, string kind) => kind switch
    {
        "file" => await CreateAsync(directory, name),
        "link" => Made(await Tree.MakeSymbolicLinkAsync(directory, Bytes(name), "x"u8, default, Root)),
        "directory" => await MakeDirectoryAsync(directory, name),
        "full" => await FullAsync(directory, name),
        _ => default,
    };

    private async Task<NodeId> FullAsync(NodeId directory, string name)
    {
        var made = await MakeDirectoryAsync(directory, name);
        await CreateAsync(made, "inside");
        return made;
    }

    [TestCase("file", "none", FileStatus.Ok)]
    [TestCase("file", "file", FileStatus.Ok)]
    [TestCase("file", "link", FileStatus.Ok)]
    [TestCase("file", "directory", FileStatus.IsDirectory)]
    [TestCase("file", "full", FileStatus.IsDirectory)]
    [TestCase("link", "file", FileStatus.Ok)]
    [TestCase("link", "directory", FileStatus.IsDirectory)]
    [TestCase("directory", "none", FileStatus.Ok)]
    [TestCase("directory", "file", FileStatus.NotDirectory)]
    [TestCase("directory", "link", FileStatus.NotDirectory)]
    [TestCase("directory", "directory", FileStatus.Ok)]
    [TestCase("directory", "full", FileStatus.NotEmpty)]
    [TestCase("full", "directory", FileStatus.Ok)]
    [TestCase("full", "full", FileStatus.NotEmpty)]
    [TestCase("none", "file", FileStatus.NoEntry)]
    public async Task TheMatrixOfSourceAndTarget(string source, string target, FileStatus expected)
    {
        foreach (var apart in new[] { false, true })
        {
            var from = await MakeDirectoryAsync(Tree.Root, $"from{apart}");
            var to = apart ? await MakeDirectoryAsync(Tree.Root, "to") : from;
            var moved = await MakeAsync(from, "source", source);
            var replaced = await MakeAsync(to, "target", target);

            var result = await RenameAsync(from, "source", to, "target");

            Assert.That(result.Status, Is.EqualTo(expected));
            Assert.That(result.Directory.After, Is.Not.Null);
            Assert.That(result.TargetDirectory.After, Is.Not.Null);
            if (expected != FileStatus.Ok) continue;
            Assert.That(await FindAsync(to, "target"), Is.EqualTo(moved));
            Assert.That(await LookupStatusAsync(from, "source"), Is.EqualTo(FileStatus.NoEntry));
            if (target != "none")
                Assert.That((await Tree.GetAttributesAsync(replaced)).Status, Is.EqualTo(FileStatus.Stale));
            if (source is "directory" or "full") Assert.That(await FindAsync(moved, ".."), Is.EqualTo(to));
            await CheckLinksAsync(from);
            await CheckLinksAsync(to);
            Assert.That(await ListAsync(to), Has.Count.EqualTo(3));
        }
    }

    private async Task CheckLinksAsync(NodeId directory)
    {
        var visitor = new NameVisitor(int.MaxValue, attributes: true);
        await Tree.ReadDirectoryAsync(directory, 0, visitor, Root);
        var children = visitor.Attributes.Skip(2).Count(child => child.Type == NodeType.Directory);
        Assert.That((await AttributesAsync(directory)).Links, Is.EqualTo(2 + children));
    }

    [Test]
    public async Task TwoNamesOfOneFileStayAsTheyAre()
    {
        var file = await CreateAsync(Tree.Root, "a");
        await Tree.LinkAsync(file, Tree.Root, "b"u8, Root);

        Assert.That((await RenameAsync(Tree.Root, "a", Tree.Root, "b")).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await RenameAsync(Tree.Root, "a", Tree.Root, "a")).Status, Is.EqualTo(FileStatus.Ok));

        Assert.That(await FindAsync(Tree.Root, "a"), Is.EqualTo(file));
        Assert.That(await FindAsync(Tree.Root, "b"), Is.EqualTo(file));
        Assert.That((await AttributesAsync(file)).Links, Is.EqualTo(2));
    }

    [Test]
    public async Task ADirectoryDoesNotGoBelowItself()
    {
        var a = await MakeDirectoryAsync(Tree.Root, "a");
        var b = await MakeDirectoryAsync(a, "b");
        var c = await MakeDirectoryAsync(b, "c");

        Assert.That((await RenameAsync(Tree.Root, "a", a, "x")).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await RenameAsync(Tree.Root, "a", c, "x")).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await RenameAsync(b, "c", Tree.Root, "a")).Status, Is.EqualTo(FileStatus.NotEmpty));
        Assert.That((await RenameAsync(a, "b", Tree.Root, "b")).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await RenameAsync(Tree.Root, "a", c, "a")).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(await FindAsync(a, ".."), Is.EqualTo(c));
    }

    [TestCase(".", "x", FileStatus.InvalidArgument)]
    [TestCase("x", "..", FileStatus.InvalidArgument)]
    [TestCase("x", "a/b", FileStatus.InvalidArgument)]
    public async Task NamesThatCannotBeRenamed(string from, string to, FileStatus expected)
    {
        await CreateAsync(Tree.Root, "x");
        Assert.That((await RenameAsync(Tree.Root, from, Tree.Root, to)).Status, Is.EqualTo(expected));
    }

    [Test]
    public async Task BothDirectoriesMustBeWritable()
    {
        var mine = await MakeDirectoryAsync(Tree.Root, "mine", Root, 0x1FF);
        var closed = await MakeDirectoryAsync(Tree.Root, "closed");
        await CreateAsync(mine, "a", Alice);
        await CreateAsync(closed, "b");

        Assert.That((await RenameAsync(mine, "a", closed, "a", Alice)).Status, Is.EqualTo(FileStatus.AccessDenied));
        Assert.That((await RenameAsync(closed, "b", mine, "b", Alice)).Status, Is.EqualTo(FileStatus.AccessDenied));
    }

    [Test]
    public async Task AStickyDirectoryKeepsWhatIsNotOnesOwn()
    {
        var shared = await MakeDirectoryAsync(Tree.Root, "tmp", Root, 0x3FF);
        await CreateAsync(shared, "alice", Alice);
        await CreateAsync(shared, "bob", Bob);

        Assert.That((await RenameAsync(shared, "alice", shared, "x", Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That(
            (await RenameAsync(shared, "bob", shared, "alice", Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That((await RenameAsync(shared, "alice", shared, "x", Alice)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await Tree.RemoveAsync(shared, "x"u8, Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That((await Tree.RemoveAsync(shared, "x"u8, Root)).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task ADirectoryThatMovesMustBeWritableItself()
    {
        var open = await MakeDirectoryAsync(Tree.Root, "open", Root, 0x1FF);
        var other = await MakeDirectoryAsync(Tree.Root, "other", Root, 0x1FF);
        await MakeDirectoryAsync(open, "d", Root);

        Assert.That((await RenameAsync(open, "d", other, "d", Alice)).Status, Is.EqualTo(FileStatus.AccessDenied));
        Assert.That((await RenameAsync(open, "d", open, "e", Alice)).Status, Is.EqualTo(FileStatus.Ok));
    }
}
