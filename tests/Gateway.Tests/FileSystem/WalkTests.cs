using System.Diagnostics;
using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem;

/// <summary>Names without regard to case, and paths in both directions.</summary>
[TestFixture]
public sealed class WalkTests : TreeFixture
{
    [Test]
    public async Task APathIsFoundInAnyCaseAndGivenAsItIsWritten()
    {
        var docs = await MakeDirectoryAsync(Tree.Root, "Docs");
        var file = await CreateAsync(docs, "Žluťoučký Kůň.txt");

        var walk = await WalkAsync(Tree.Root, "DOCS", "žluŤOUČKÝ kůň.TXT");

        Assert.That(walk.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(walk.Attributes.Node, Is.EqualTo(file));
        Assert.That(walk.Directory.Node, Is.EqualTo(docs));
        Assert.That(Texts(walk.Names), Is.EqualTo(new[] { "Docs", "Žluťoučký Kůň.txt" }));
        Assert.That(walk.Walked, Is.EqualTo(2));
    }

    [Test]
    public async Task TheExactNameWinsElseTheOldest()
    {
        var upper = await CreateAsync(Tree.Root, "NAME");
        var mixed = await CreateAsync(Tree.Root, "Name");
        var lower = await CreateAsync(Tree.Root, "name");

        Assert.That((await WalkAsync(Tree.Root, "NAME")).Attributes.Node, Is.EqualTo(upper));
        Assert.That((await WalkAsync(Tree.Root, "Name")).Attributes.Node, Is.EqualTo(mixed));
        Assert.That((await WalkAsync(Tree.Root, "name")).Attributes.Node, Is.EqualTo(lower));
        Assert.That((await WalkAsync(Tree.Root, "nAME")).Attributes.Node, Is.EqualTo(upper));

        await OkAsync(Tree.RemoveAsync(Tree.Root, "NAME"u8, Root));
        Assert.That((await WalkAsync(Tree.Root, "nAME")).Attributes.Node, Is.EqualTo(mixed));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "Name"u8, Root));
        Assert.That((await WalkAsync(Tree.Root, "nAME")).Attributes.Node, Is.EqualTo(lower));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "name"u8, Root));
        Assert.That((await WalkAsync(Tree.Root, "nAME")).Status, Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task APrefixOfANameIsNotTheName()
    {
        await CreateAsync(Tree.Root, "ABC");
        await CreateAsync(Tree.Root, "AB\u0001");

        Assert.That((await WalkAsync(Tree.Root, "ab")).Status, Is.EqualTo(FileStatus.NoEntry));
        Assert.That((await WalkAsync(Tree.Root, "abcd")).Status, Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task LongNamesThatGrowWhenFoldedAreFound()
    {
        var name = string.Concat(Enumerable.Repeat("Ⱥ", 127));
        var file = await CreateAsync(Tree.Root, name);

        Assert.That((await WalkAsync(Tree.Root, name)).Attributes.Node, Is.EqualTo(file));
        Assert.That((await WalkAsync(Tree.Root, name.Replace("Ⱥ", "ⱥ"))).Status, Is.EqualTo(FileStatus.NameTooLong));
        Assert.That((await WalkAsync(Tree.Root, name[..126])).Status, Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task AWalkSaysWhereItStopped()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var file = await CreateAsync(directory, "f");
        var link = Made(await Tree.MakeSymbolicLinkAsync(directory, "l"u8, "f"u8, default, Root));

        var missing = await WalkAsync(Tree.Root, "d", "x");
        Assert.That(missing.Status, Is.EqualTo(FileStatus.NoEntry));
        Assert.That(missing.Directory.Node, Is.EqualTo(directory));
        Assert.That((await WalkAsync(Tree.Root, "x", "y")).Status, Is.EqualTo(FileStatus.PathNotFound));
        Assert.That((await WalkAsync(Tree.Root, "d", "f", "y")).Status, Is.EqualTo(FileStatus.NotDirectory));

        var stopped = await WalkAsync(Tree.Root, "d", "L", "y", "z");
        Assert.That(stopped.Status, Is.EqualTo(FileStatus.StoppedOnSymbolicLink));
        Assert.That(stopped.Attributes.Node, Is.EqualTo(link));
        Assert.That(stopped.Walked, Is.EqualTo(2));
        Assert.That((await WalkAsync(Tree.Root, "d", "L")).Attributes.Type, Is.EqualTo(NodeType.SymbolicLink));

        Assert.That((await WalkAsync(Tree.Root)).Attributes.Node, Is.EqualTo(Tree.Root));
        Assert.That((await WalkAsync(file, "x")).Status, Is.EqualTo(FileStatus.NotDirectory));
    }

    [Test]
    public async Task ATokenMustBeAllowedToPass()
    {
        var closed = await MakeDirectoryAsync(Tree.Root, "closed", mode: 0x1C0);
        await MakeDirectoryAsync(closed, "below");
        ReadOnlyMemory<byte>[] path = [Bytes("closed"), Bytes("below")];
        var alice = new SecurityToken(Alice, Tree.Sids);

        Assert.That(
            (await Tree.WalkAsync(Tree.Root, path, NameMatch.IgnoreCase, alice)).Status,
            Is.EqualTo(FileStatus.AccessDenied));

        var descriptor = ModeMapping.FromMode(0, 0, 0x1ED, true, Tree.Sids);
        await OkAsync(Tree.SetDescriptorAsync(closed, descriptor, Root));
        Assert.That(
            (await Tree.WalkAsync(Tree.Root, path, NameMatch.IgnoreCase, alice)).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task TheWayBackIsKnownThroughRenames()
    {
        var one = await MakeDirectoryAsync(Tree.Root, "One");
        var two = await MakeDirectoryAsync(one, "Two");
        var file = await CreateAsync(two, "File");
        Assert.That(await PathAsync(file), Is.EqualTo("One/Two/File"));

        await OkAsync(Tree.RenameAsync(one, "Two"u8, Tree.Root, "moved"u8, Root));
        Assert.That(await PathAsync(file), Is.EqualTo("moved/File"));
        Assert.That(await Tree.PathBelowAsync(one, file), Is.Null);
        Assert.That(Texts((await Tree.PathBelowAsync(two, file))!), Is.EqualTo(new[] { "File" }));
        Assert.That(await PathAsync(Tree.Root), Is.Empty);

        await OkAsync(Tree.LinkAsync(file, one, "second"u8, Root));
        Assert.That(await PathAsync(file), Is.EqualTo("One/second"));
        await OkAsync(Tree.RemoveAsync(one, "second"u8, Root));
        Assert.That(await Tree.PathOfAsync(file), Is.Null);
    }

    /// <summary>A lookup must not depend on the size of the directory; generous, as the machine may be busy.</summary>
    [Test]
    public async Task ALookupInALargeDirectoryCostsWhatItCostsInASmallOne()
    {
        const int lookups = 20_000;
        var small = await MakeDirectoryAsync(Tree.Root, "small");
        var large = await MakeDirectoryAsync(Tree.Root, "large");
        for (var i = 0; i < 50; i++) await CreateAsync(small, $"File{i:D5}");
        for (var i = 0; i < 50_000; i++) await CreateAsync(large, $"File{i:D5}");

        await MeasureAsync(small, 50, lookups);
        var few = await MeasureAsync(small, 50, lookups);
        var many = await MeasureAsync(large, 50_000, lookups);

        Assert.That(many, Is.LessThan((10 * few) + TimeSpan.FromMilliseconds(500)));
    }

    private async Task<TimeSpan> MeasureAsync(NodeId directory, int files, int lookups)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < lookups; i++)
        {
            var walk = await WalkAsync(directory, $"fILE{i * 7919 % files:D5}");
            if (walk.Status != FileStatus.Ok) Assert.Fail($"{i}: {walk.Status}");
        }

        return clock.Elapsed;
    }

    private async Task<string> PathAsync(NodeId node) => string.Join('/', Texts((await Tree.PathOfAsync(node))!));

    private static string[] Texts(IEnumerable<ReadOnlyMemory<byte>> names) =>
        [.. names.Select(name => Encoding.UTF8.GetString(name.Span))];
}
