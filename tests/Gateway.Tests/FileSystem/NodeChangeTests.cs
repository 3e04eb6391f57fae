using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem;

/// <summary>Makes, removes, renames and links by those who know which node a name leads to.</summary>
[TestFixture]
public sealed class NodeChangeTests : TreeFixture
{
    [Test]
    public async Task ANodeIsMadeWithAllItHas()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d", mode: 0x5FD);
        var made = await Tree.MakeAsync(
            New(directory, "File") with
            {
                Dos = DosAttributes.Archive | DosAttributes.Hidden,
                ExtendedAttributes = [new ExtendedAttribute(0, Bytes("user.a"), Bytes("b"))],
            },
            Bob.Trusted());

        var attributes = made.Node.After!.Value;
        Assert.That(made.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(attributes.Uid, Is.EqualTo(Bob.Uid));
        Assert.That(attributes.Gid, Is.EqualTo(Alice.Gid), "of a directory with the set-group-id bit");
        Assert.That(attributes.Mode, Is.EqualTo(0x1B4), "of the directory, without execution");
        Assert.That(attributes.Dos, Is.EqualTo(DosAttributes.Archive | DosAttributes.Hidden));
        Assert.That(attributes.ExtendedAttributeBytes, Is.EqualTo(4 + 5 + 7));
        Assert.That(await AttributesAsync(attributes.Node), Is.EqualTo(attributes));

        Assert.That((await Tree.MakeAsync(New(directory, "fILE"), Root)).Status, Is.EqualTo(FileStatus.Exists));
    }

    [Test]
    public async Task ADescriptorGivesOwnerAndMode()
    {
        var descriptor = ModeMapping.FromMode(Bob.Uid, Bob.Gid, 0x1A0, false, Tree.Sids);
        var made = await Tree.MakeAsync(New(Tree.Root, "f") with { Descriptor = descriptor }, Alice.Trusted());

        var attributes = made.Node.After!.Value;
        Assert.That((attributes.Uid, attributes.Gid, attributes.Mode), Is.EqualTo((Bob.Uid, Bob.Gid, 0x1A0U)));
        Assert.That(attributes.HasDescriptor, Is.True);
        var read = await Tree.ReadDescriptorAsync(attributes.Node);
        Assert.That(read.Descriptor!.ToBytes(), Is.EqualTo(descriptor.ToBytes()));
    }

    [Test]
    public async Task NobodyIsMadeRootByBeingTrusted()
    {
        var closed = await MakeDirectoryAsync(Tree.Root, "closed", mode: 0x1C0);

        Assert.That((await Tree.MakeAsync(New(closed, "f"), Alice)).Status, Is.EqualTo(FileStatus.AccessDenied));
        var made = await Tree.MakeAsync(New(closed, "f"), Alice.Trusted());
        Assert.That(made.Node.After!.Value.Uid, Is.EqualTo(Alice.Uid));
    }

    [Test]
    public async Task ARemovalNeedsTheExpectedNode()
    {
        var one = await CreateAsync(Tree.Root, "a");
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        await CreateAsync(directory, "b");

        Assert.That((await Tree.RemoveAsync(Tree.Root, Bytes("a"), directory, Root)).Status, Is.EqualTo(FileStatus.NoEntry));
        Assert.That((await Tree.RemoveAsync(Tree.Root, Bytes("d"), directory, Root)).Status, Is.EqualTo(FileStatus.NotEmpty));
        await OkAsync(Tree.RemoveAsync(Tree.Root, Bytes("a"), one, Root));
        await OkAsync(Tree.RemoveAsync(directory, "b"u8, Root));
        await OkAsync(Tree.RemoveAsync(Tree.Root, Bytes("d"), directory, Root));
    }

    [Test]
    public async Task TheSpellingOfANameCanChange()
    {
        var file = await CreateAsync(Tree.Root, "readme");

        await OkAsync(Tree.RenameAsync(Rename(file, "readme", "ReadMe", replace: false), Root));

        Assert.That((await ListAsync(Tree.Root)).Select(entry => entry.Name), Does.Contain("ReadMe").And.Not.Contain("readme"));
        Assert.That((await WalkAsync(Tree.Root, "readme")).Attributes.Node, Is.EqualTo(file));
        Assert.That((await AttributesAsync(file)).Links, Is.EqualTo(1));
    }

    [Test]
    public async Task ARenameMeetsNamesInAnyCase()
    {
        var one = await CreateAsync(Tree.Root, "one");
        var two = await CreateAsync(Tree.Root, "Two");

        Assert.That(
            (await Tree.RenameAsync(Rename(one, "one", "tWO", replace: false), Root)).Status, Is.EqualTo(FileStatus.Exists));
        Assert.That(
            (await Tree.RenameAsync(Rename(two, "one", "x", replace: false), Root)).Status, Is.EqualTo(FileStatus.NoEntry));
        await OkAsync(Tree.RenameAsync(Rename(one, "one", "tWO", replace: true), Root));

        Assert.That((await ListAsync(Tree.Root)).Select(entry => entry.Name), Is.EqualTo(new[] { ".", "..", "tWO" }));
        Assert.That((await Tree.GetAttributesAsync(two)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task ARenameOntoAnotherNameOfTheFileLeavesOne()
    {
        var file = await CreateAsync(Tree.Root, "a");
        await OkAsync(Tree.LinkAsync(file, Tree.Root, "B"u8, Root));

        await OkAsync(Tree.RenameAsync(Rename(file, "a", "b", replace: true), Root));

        Assert.That((await ListAsync(Tree.Root)).Select(entry => entry.Name), Is.EqualTo(new[] { ".", "..", "b" }));
        Assert.That((await AttributesAsync(file)).Links, Is.EqualTo(1));
    }

    [Test]
    public async Task ALinkMayReplace()
    {
        var file = await CreateAsync(Tree.Root, "a");
        var other = await CreateAsync(Tree.Root, "Other");

        var met = await Tree.LinkAsync(file, Tree.Root, Bytes("oTHER"), false, NameMatch.IgnoreCase, Root);
        Assert.That(met.Status, Is.EqualTo(FileStatus.Exists));
        await OkAsync(Tree.LinkAsync(file, Tree.Root, Bytes("oTHER"), true, NameMatch.IgnoreCase, Root));

        Assert.That((await AttributesAsync(file)).Links, Is.EqualTo(2));
        Assert.That((await Tree.GetAttributesAsync(other)).Status, Is.EqualTo(FileStatus.Stale));
        var own = await Tree.LinkAsync(file, Tree.Root, Bytes("A"), true, NameMatch.IgnoreCase, Root);
        Assert.That(own.Status, Is.EqualTo(FileStatus.Exists));
    }

    [Test]
    public async Task AFileBecomesASymbolicLinkAndBack()
    {
        var file = Made(await Tree.MakeAsync(New(Tree.Root, "Link"), Root));
        await OkAsync(Tree.SetSymbolicLinkAsync(file, Bytes("target"), Root));

        var attributes = await AttributesAsync(file);
        Assert.That((attributes.Type, attributes.Size), Is.EqualTo((NodeType.SymbolicLink, 6L)));
        Assert.That((await Tree.ReadLinkAsync(file, Root)).Target.ToArray(), Is.EqualTo(Bytes("target")));
        Assert.That((await WalkAsync(Tree.Root, "lINK", "x")).Status, Is.EqualTo(FileStatus.StoppedOnSymbolicLink));

        await OkAsync(Tree.ClearSymbolicLinkAsync(file, Root));
        Assert.That((await AttributesAsync(file)).Type, Is.EqualTo(NodeType.File));
        await WriteAsync(file, 0, Pattern(1, 10_000));
        Assert.That(await ReadAsync(file, 0, 10_000), Is.EqualTo(Pattern(1, 10_000)));
        Assert.That(
            (await Tree.SetSymbolicLinkAsync(file, Bytes("t"), Root)).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await Tree.ClearSymbolicLinkAsync(file, Root)).Status, Is.EqualTo(FileStatus.NotAReparsePoint));
    }

    [Test]
    public async Task ADirectoryBecomesASymbolicLink()
    {
        var links = (await AttributesAsync(Tree.Root)).Links;
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        await OkAsync(Tree.SetSymbolicLinkAsync(directory, Bytes("t"), Root));

        Assert.That((await AttributesAsync(directory)).Type, Is.EqualTo(NodeType.SymbolicLink));
        Assert.That((await AttributesAsync(Tree.Root)).Links, Is.EqualTo(links));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "d"u8, Root));
    }

    [Test]
    public async Task ContentChangesSetTheArchiveAttribute()
    {
        var file = await CreateAsync(Tree.Root, "f");
        Assert.That((await AttributesAsync(file)).Dos, Is.EqualTo(DosAttributes.None));

        await WriteAsync(file, 0, [1]);
        Assert.That((await AttributesAsync(file)).Dos, Is.EqualTo(DosAttributes.Archive));
        await SetAsync(file, new() { Dos = DosAttributes.ReadOnly });
        Assert.That((await AttributesAsync(file)).Dos, Is.EqualTo(DosAttributes.ReadOnly));
        await SetAsync(file, new() { Size = 0 });
        Assert.That((await AttributesAsync(file)).Dos, Is.EqualTo(DosAttributes.ReadOnly | DosAttributes.Archive));
    }

    [Test]
    public async Task BirthTimeIsSetByTheOwner()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var birth = new AttributeChanges { BirthTime = TimeChange.To(new Timestamp(123, 456)) };

        var refused = await Tree.SetAttributesAsync(file, birth, null, Alice);
        Assert.That(refused.Status, Is.EqualTo(FileStatus.NotPermitted));
        await SetAsync(file, birth);
        Assert.That((await AttributesAsync(file)).BirthTime, Is.EqualTo(new Timestamp(123, 456)));
    }

    private Task SetAsync(NodeId node, AttributeChanges changes) =>
        OkAsync(Tree.SetAttributesAsync(node, changes, null, Root));

    private static NewNode New(NodeId directory, string name) => new()
    {
        Directory = directory,
        Name = Bytes(name),
        Type = NodeType.File,
        Match = NameMatch.IgnoreCase,
    };

    private RenameRequest Rename(NodeId expected, string from, string to, bool replace) => new()
    {
        From = Tree.Root,
        FromName = Bytes(from),
        Expected = expected,
        To = Tree.Root,
        ToName = Bytes(to),
        Replace = replace,
        Match = NameMatch.IgnoreCase,
    };
}
