using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Notices;

namespace Gateway.Tests.FileSystem.Notices;

[TestFixture]
public sealed class TreeChangesTests : TreeFixture
{
    private readonly Listener _listener = new();

    [SetUp]
    public void Listen()
    {
        _listener.Told.Clear();
        _listener.IsOn = true;
        Tree.Changes.Add(_listener);
    }

    [Test]
    public async Task NamesAreTold()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var file = await CreateAsync(Tree.Root, "a");
        await CreateAsync(directory, "b");
        await OkAsync(Tree.LinkAsync(file, directory, "c"u8, Root));
        await OkAsync(Tree.RenameAsync(Tree.Root, "a"u8, directory, "b"u8, Root));
        await OkAsync(Tree.RemoveAsync(directory, "c"u8, Root));

        Assert.That(_listener.Lines, Is.EqualTo(new[]
        {
            "Added d DirectoryName", "Added a FileName", "Added b FileName", "Added c FileName",
            "Removed b FileName last", "Renamed b FileName from a", "Removed c FileName",
        }));
        var renamed = _listener.Told.Single(change => change.Kind == TreeChangeKind.Renamed);
        Assert.That((renamed.FromDirectory, renamed.Directory), Is.EqualTo((Tree.Root, directory)));
        Assert.That(renamed.Node, Is.EqualTo(file));
    }

    [Test]
    public async Task WhatChangesInANodeIsTold()
    {
        var file = await CreateAsync(Tree.Root, "f");
        _listener.Told.Clear();
        await WriteAsync(file, 0, [1], WriteStability.Unstable);
        await WriteAsync(file, 0, [1]);
        await OkAsync(Tree.SetAttributesAsync(file, new() { Dos = DosAttributes.Hidden }, null, Root));
        await OkAsync(Tree.SetAttributesAsync(file, Mode(0x1FF), null, Root));
        await OkAsync(Tree.SetExtendedAttributesAsync(file, [new(0, Bytes("a"), Bytes("b"))], Root));
        var descriptor = (await Tree.ReadDescriptorAsync(file)).Descriptor!;
        await OkAsync(Tree.SetDescriptorAsync(file, descriptor, Root));

        Assert.That(_listener.Lines, Is.EqualTo(new[]
        {
            "Modified f Size, LastWrite", "Modified f Size, LastWrite", "Modified f Attributes",
            "Modified f Attributes, Security", "Modified f ExtendedAttributes", "Modified f Security",
        }));
    }

    [Test]
    public async Task StreamsAreTold()
    {
        var file = await CreateAsync(Tree.Root, "f");
        _listener.Told.Clear();
        var stream = await MakeStreamAsync(file, "s", [1]);
        await OkAsync(Tree.RenameStreamAsync(file, Bytes("s"), Bytes("t"), false, Root));
        await OkAsync(Tree.RemoveStreamAsync(file, Bytes("t"), stream, Root));

        Assert.That(_listener.Lines, Is.EqualTo(new[]
        {
            "StreamAdded f:s StreamName", "StreamModified f:s StreamSize, StreamWrite",
            "StreamRenamed f:t StreamName from s", "StreamRemoved f:t StreamName",
        }));
    }

    [Test]
    public async Task FailuresAndWhatNobodyListensToAreNotTold()
    {
        await Tree.RemoveAsync(Tree.Root, "absent"u8, Root);
        _listener.IsOn = false;
        await CreateAsync(Tree.Root, "unheard");
        _listener.IsOn = true;
        await CreateAsync(Tree.Root, "heard");

        Assert.That(_listener.Lines, Is.EqualTo(new[] { "Added heard FileName" }));
    }

    [Test]
    public async Task ChangesAreToldInTheirOrder()
    {
        var made = Enumerable.Range(0, 500).Select(i => Task.Run(() => CreateAsync(Tree.Root, $"{i}"))).ToArray();
        await Task.WhenAll(made);

        var listed = (await ListAsync(Tree.Root)).Select(entry => entry.Name).Skip(2);
        Assert.That(() => _listener.Told.Count, Is.EqualTo(500).After(5000, 10));
        Assert.That(_listener.Told.Select(Name), Is.EqualTo(listed));
    }

    private static string Name(TreeChange change) => Encoding.UTF8.GetString(change.Name.Span);

    private sealed class Listener : TreeListener
    {
        public bool IsOn { get; set; }

        public List<TreeChange> Told { get; } = [];

        public IEnumerable<string> Lines => Told.Select(Line);

        public override bool IsListening => IsOn;

        public override void OnChange(TreeChange change) => Told.Add(change);

        private static string Line(TreeChange change)
        {
            var line = new StringBuilder($"{change.Kind} {Name(change)}");
            if (!change.Stream.IsEmpty) line.Append(':').Append(Encoding.UTF8.GetString(change.Stream.Span));
            line.Append(' ').Append(change.Parts);
            if (!change.FromName.IsEmpty) line.Append(" from ").Append(Encoding.UTF8.GetString(change.FromName.Span));
            if (change.IsLastName) line.Append(" last");
            return line.ToString();
        }
    }
}
