using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem;

/// <summary>Extended attributes and security descriptors.</summary>
[TestFixture]
public sealed class PropertyTests : TreeFixture
{
    [Test]
    public async Task ExtendedAttributesAreSetReadAndRemoved()
    {
        var node = await CreateAsync(Tree.Root, "f");
        await OkAsync(SetAsync(node, new ExtendedAttribute(0, Bytes("One"), Pattern(1, 300)), new ExtendedAttribute(0x80, Bytes("two"), Bytes("x"))));
        await OkAsync(SetAsync(node, new ExtendedAttribute(0, Bytes("oNE"), Bytes("new"))));

        var read = await Tree.ReadExtendedAttributesAsync(node);
        Assert.That(read.Attributes, Has.Count.EqualTo(2));
        Assert.That(read.Attributes[0].Name.ToArray(), Is.EqualTo(Bytes("One")), "the first spelling");
        Assert.That(read.Attributes[0].Value.ToArray(), Is.EqualTo(Bytes("new")));
        Assert.That(read.Attributes[1].Flags, Is.EqualTo(0x80));
        Assert.That((await AttributesAsync(node)).ExtendedAttributeBytes, Is.EqualTo(4 + 5 + 6 + 5 + 4));

        await OkAsync(SetAsync(node, new ExtendedAttribute(0, Bytes("ONE"), default), new ExtendedAttribute(0, Bytes("absent"), default)));
        Assert.That((await Tree.ReadExtendedAttributesAsync(node)).Attributes, Has.Count.EqualTo(1));
        await OkAsync(SetAsync(node, new ExtendedAttribute(0, Bytes("two"), default)));
        Assert.That((await AttributesAsync(node)).ExtendedAttributeBytes, Is.Zero);
        Assert.That((await Tree.ReadExtendedAttributesAsync(node)).Attributes, Is.Empty);
    }

    [Test]
    public async Task ExtendedAttributesAreBounded()
    {
        var node = await CreateAsync(Tree.Root, "f");
        await OkAsync(SetAsync(node, new ExtendedAttribute(0, Bytes("a"), new byte[40_000])));

        Assert.That(
            (await SetAsync(node, new ExtendedAttribute(0, Bytes("b"), new byte[40_000]))).Status, Is.EqualTo(FileStatus.ExtendedAttributesTooLarge));
        Assert.That(
            (await SetAsync(node, new ExtendedAttribute(0, Bytes("b"), new byte[70_000]))).Status, Is.EqualTo(FileStatus.ExtendedAttributesTooLarge));
        Assert.That((await SetAsync(node, new ExtendedAttribute(0, default, Bytes("v")))).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That(
            (await SetAsync(node, new ExtendedAttribute(0, new byte[256], Bytes("v")))).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await Tree.ReadExtendedAttributesAsync(node)).Attributes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task WithoutADescriptorTheModeSpeaks()
    {
        var node = await CreateAsync(Tree.Root, "f", mode: 0x1A4);

        var read = await Tree.ReadDescriptorAsync(node);

        Assert.That(read.Descriptor!.IsFromMode, Is.True);
        Assert.That(ModeMapping.ToMode(read.Descriptor, Tree.Sids, 0, 0, false), Is.EqualTo(0x1A4));
    }

    [Test]
    public async Task ADescriptorSetsOwnerAndModeUntilModeIsSet()
    {
        var node = await CreateAsync(Tree.Root, "f", mode: 0x1A4);
        var descriptor = ModeMapping.FromMode(Alice.Uid, Alice.Gid, 0x1C0, false, Tree.Sids) with { IsFromMode = false };
        Assert.That(
            (await Tree.SetDescriptorAsync(node, descriptor, Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        await OkAsync(Tree.SetDescriptorAsync(node, descriptor, Bob.Trusted()));

        var attributes = await AttributesAsync(node);
        Assert.That((attributes.Uid, attributes.Gid, attributes.Mode), Is.EqualTo((Alice.Uid, Alice.Gid, 0x1C0U)));
        Assert.That(attributes.HasDescriptor, Is.True);
        Assert.That((await Tree.ReadDescriptorAsync(node)).Descriptor!.IsFromMode, Is.False);

        await OkAsync(Tree.SetAttributesAsync(node, Mode(0x1FF), null, Alice));
        Assert.That((await AttributesAsync(node)).HasDescriptor, Is.False);
        Assert.That((await Tree.ReadDescriptorAsync(node)).Descriptor!.IsFromMode, Is.True);
    }

    [Test]
    public async Task AStreamHasTheDescriptorOfItsFile()
    {
        var node = await CreateAsync(Tree.Root, "f", mode: 0x180);
        var stream = await MakeStreamAsync(node, "s", []);

        Assert.That(
            (await Tree.ReadDescriptorAsync(stream)).Descriptor!.ToBytes(),
            Is.EqualTo((await Tree.ReadDescriptorAsync(node)).Descriptor!.ToBytes()));
    }

    private ValueTask<ChangeResult> SetAsync(NodeId node, params ExtendedAttribute[] attributes) =>
        Tree.SetExtendedAttributesAsync(node, attributes, Root);
}
