using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class StreamTests : TreeFixture
{
    [Test]
    public async Task AStreamHasContentOfItsOwn()
    {
        var file = await CreateAsync(Tree.Root, "f", Alice.Trusted());
        await WriteAsync(file, 0, Pattern(1, 100));
        var stream = await MakeStreamAsync(file, "Zone.Identifier", Pattern(2, 50_000));

        Assert.That(await ReadAsync(file, 0, 1000), Is.EqualTo(Pattern(1, 100)));
        Assert.That(await ReadAsync(stream, 0, 60_000), Is.EqualTo(Pattern(2, 50_000)));

        var ofFile = await AttributesAsync(file);
        var found = await Tree.FindStreamAsync(file, Bytes("zone.identifier"));
        Assert.That(found.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(found.ActualName.ToArray(), Is.EqualTo(Bytes("Zone.Identifier")));
        Assert.That(found.Attributes, Is.EqualTo(await AttributesAsync(stream)));
        Assert.That(
            found.Attributes,
            Is.EqualTo(ofFile with { Node = stream, Size = 50_000, Used = 50_000, IsStream = true }));
        Assert.That(ofFile.HasStreams, Is.True);
        Assert.That(ofFile.Size, Is.EqualTo(100));
    }

    [Test]
    public async Task AStreamIsInNoDirectory()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await MakeStreamAsync(file, "s", []);

        Assert.That((await ListAsync(Tree.Root)).Select(entry => entry.Name), Is.EqualTo(new[] { ".", "..", "f" }));
        Assert.That(await LookupStatusAsync(Tree.Root, "f:s"), Is.EqualTo(FileStatus.NoEntry));
        Assert.That(await LookupStatusAsync(file, "s"), Is.EqualTo(FileStatus.NotDirectory));
    }

    [Test]
    public async Task DirectoriesHaveStreamsAndStreamsHaveNone()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var stream = await MakeStreamAsync(directory, "s", [1]);

        Assert.That((await Tree.MakeStreamAsync(stream, Bytes("t"), Root)).Status, Is.EqualTo(FileStatus.BadType));
        await OkAsync(Tree.RemoveDirectoryAsync(Tree.Root, "d"u8, Root));
        Assert.That((await Tree.GetAttributesAsync(stream)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task NamesAreUniqueInAnyCase()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var stream = await MakeStreamAsync(file, "One", [1, 2]);

        var again = await Tree.MakeStreamAsync(file, Bytes("oNE"), Root);
        Assert.That(again.Status, Is.EqualTo(FileStatus.Exists));
        Assert.That(again.Attributes.Node, Is.EqualTo(stream));
        await MakeStreamAsync(file, "Two", []);
        var listed = await Tree.ListStreamsAsync(file);
        Assert.That(listed.Streams.Select(entry => entry.Name.ToArray()), Is.EqualTo(new[] { Bytes("One"), Bytes("Two") }));
        Assert.That(listed.Streams[0].Size, Is.EqualTo(2));
    }

    [Test]
    public async Task StreamsAreRenamedAndRemoved()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var one = await MakeStreamAsync(file, "one", [1]);
        var two = await MakeStreamAsync(file, "two", [1, 2]);

        Assert.That(
            (await Tree.RenameStreamAsync(file, Bytes("one"), Bytes("TWO"), false, Root)).Status, Is.EqualTo(FileStatus.Exists));
        await OkAsync(Tree.RenameStreamAsync(file, Bytes("one"), Bytes("ONE"), false, Root));
        await OkAsync(Tree.RenameStreamAsync(file, Bytes("ONE"), Bytes("TWO"), true, Root));
        Assert.That((await Tree.FindStreamAsync(file, Bytes("two"))).Attributes.Node, Is.EqualTo(one));
        Assert.That((await Tree.GetAttributesAsync(two)).Status, Is.EqualTo(FileStatus.Stale));

        Assert.That(
            (await Tree.RemoveStreamAsync(file, Bytes("TWO"), two, Root)).Status, Is.EqualTo(FileStatus.NoEntry));
        await OkAsync(Tree.RemoveStreamAsync(file, Bytes("two"), one, Root));
        Assert.That((await AttributesAsync(file)).HasStreams, Is.False);
    }

    [Test]
    public async Task AWriteToAStreamIsAChangeOfTheFile()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var stream = await MakeStreamAsync(file, "s", []);
        var before = await AttributesAsync(file);

        await WriteAsync(stream, 0, [1]);

        var after = await AttributesAsync(file);
        Assert.That(after.ModifyTime, Is.GreaterThan(before.ModifyTime));
        Assert.That(after.Dos, Is.EqualTo(DosAttributes.Archive));
    }

    [Test]
    public async Task EverythingGoesWithTheLastName()
    {
        // The counters of the root's row must not differ.
        await CreateAsync(Tree.Root, "other");
        var rows = CountRows();
        var file = await CreateAsync(Tree.Root, "File");
        for (var i = 0; i < 20; i++) await MakeStreamAsync(file, $"Stream{i}", Pattern(i, 40_000));
        await OkAsync(Tree.SetExtendedAttributesAsync(file, [new(0, Bytes("a"), Bytes("b"))], Root));
        var descriptor = await Tree.ReadDescriptorAsync(file);
        await OkAsync(Tree.SetDescriptorAsync(file, descriptor.Descriptor!, Root));
        await WriteAsync(file, 0, Pattern(1, 100_000));
        Assert.That(Store.LiveSlices(), Has.Count.EqualTo(21));
        Assert.That(Tree.CollectSlices([]).Slices, Has.Count.EqualTo(21));

        await OkAsync(Tree.RemoveAsync(Tree.Root, "File"u8, Root));

        await Tree.RunBackgroundRoundAsync();
        Assert.That(CountRows(), Is.EqualTo(rows));
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task ThereIsALimit()
    {
        var file = await CreateAsync(Tree.Root, "f");
        for (var i = 0; i < FileSystemLimits.StreamsMax; i++) await MakeStreamAsync(file, $"s{i}", []);

        Assert.That((await Tree.MakeStreamAsync(file, Bytes("x"), Root)).Status, Is.EqualTo(FileStatus.TooManyStreams));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "f"u8, Root));
    }

    [Test]
    public async Task AReplacedFileKeepsNothingButItself()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 100_000), WriteStability.Unstable);
        var gone = await MakeStreamAsync(file, "gone", Pattern(2, 50_000));
        var kept = await MakeStreamAsync(file, "kept", [3]);
        await OkAsync(Tree.SetExtendedAttributesAsync(file, [new(0, Bytes("old"), Bytes("b"))], Root));
        var birth = (await AttributesAsync(file)).BirthTime;

        var replaced = new ReplaceRequest
        {
            Node = file,
            Dos = DosAttributes.Archive | DosAttributes.Hidden,
            ExtendedAttributes = [new(0, Bytes("new"), Bytes("c"))],
            KeptStreams = [kept],
        };
        await OkAsync(Tree.ReplaceAsync(replaced, Root));

        var after = await AttributesAsync(file);
        Assert.That((after.Size, after.Used, after.BirthTime), Is.EqualTo((0L, 0L, birth)));
        Assert.That(after.Dos, Is.EqualTo(DosAttributes.Archive | DosAttributes.Hidden));
        Assert.That(after.HasStreams, Is.True);
        Assert.That((await Tree.GetAttributesAsync(gone)).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That(await ReadAsync(kept, 0, 10), Is.EqualTo(new byte[] { 3 }));
        var attributes = (await Tree.ReadExtendedAttributesAsync(file)).Attributes;
        Assert.That(attributes.Select(attribute => attribute.Name.ToArray()), Is.EqualTo(new[] { Bytes("new") }));
        Assert.That(Store.LiveSlices(), Is.Empty);

        await OkAsync(Tree.ReplaceAsync(new ReplaceRequest { Node = file }, Root));
        Assert.That((await AttributesAsync(file)).HasStreams, Is.False);
    }
}
