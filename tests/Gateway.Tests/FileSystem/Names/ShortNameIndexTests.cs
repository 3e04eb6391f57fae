using Gateway.FileSystem;
using Gateway.FileSystem.Names;

namespace Gateway.Tests.FileSystem.Names;

/// <summary>Whatever was remembered when, what is there is found, and nothing else.</summary>
[TestFixture]
internal sealed class ShortNameIndexTests : TreeFixture
{
    private const int NamesMax = 100;

    private ShortNameIndex _index = new();

    [SetUp]
    public void Forget() => _index = new ShortNameIndex();

    [Test]
    public async Task WhatComesLaterIsFoundAndWhatGoesIsNot()
    {
        await CreateAsync(Tree.Root, "the first name");
        Assert.That(Find(Tree.Root, "the first name"), Is.EqualTo("the first name"));
        Assert.That(Find(Tree.Root, "the second name"), Is.Null);
        await CreateAsync(Tree.Root, "the second name");
        Assert.That(Find(Tree.Root, "the second name"), Is.EqualTo("the second name"));

        await OkAsync(Tree.RemoveAsync(Tree.Root, "the first name"u8, Root));
        Assert.That(Find(Tree.Root, "the first name"), Is.Null);
        await CreateAsync(Tree.Root, "The First Name");
        Assert.That(Find(Tree.Root, "the first name"), Is.EqualTo("The First Name"));
    }

    [Test]
    public async Task OfTwoTheOlderIsFoundUntilItGoes()
    {
        await CreateAsync(Tree.Root, "Some name");
        await CreateAsync(Tree.Root, "some NAME");
        Assert.That(Find(Tree.Root, "some name"), Is.EqualTo("Some name"));
        await OkAsync(Tree.RemoveAsync(Tree.Root, "Some name"u8, Root));
        Assert.That(Find(Tree.Root, "some name"), Is.EqualTo("some NAME"));
    }

    [Test]
    public async Task DirectoriesDoNotMix()
    {
        var one = await MakeDirectoryAsync(Tree.Root, "one");
        await CreateAsync(one, "a long name");
        Assert.That(Find(Tree.Root, "a long name"), Is.Null);
        Assert.That(Find(one, "a long name"), Is.EqualTo("a long name"));
    }

    [Test]
    public async Task WhenItIsTooMuchItIsLearntAgain()
    {
        _index = new ShortNameIndex(NamesMax);
        var directories = new List<NodeId>();
        for (var number = 0; number < 8; number++)
        {
            directories.Add(await MakeDirectoryAsync(Tree.Root, $"d{number}"));
            for (var file = 0; file < 30; file++) await CreateAsync(directories[^1], $"long name {file}");
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var directory in directories) Assert.That(Find(directory, $"long name {7 * round}"), Is.EqualTo($"long name {7 * round}"));
        }

        await CreateAsync(directories[0], "another long name");
        Assert.That(Find(directories[0], "another long name"), Is.EqualTo("another long name"));
    }

    [Test]
    public async Task OfTooLargeADirectoryTheOldestNamesAreFound()
    {
        _index = new ShortNameIndex(NamesMax);
        for (var file = 0; file < NamesMax + 20; file++) await CreateAsync(Tree.Root, $"long name {file}");
        for (var round = 0; round < 3; round++)
        {
            Assert.That(Find(Tree.Root, "long name 3"), Is.EqualTo("long name 3"));
            Assert.That(Find(Tree.Root, $"long name {NamesMax - 1}"), Is.EqualTo($"long name {NamesMax - 1}"));
            Assert.That(Find(Tree.Root, $"long name {NamesMax + 5}"), Is.Null);
        }
    }

    private string? Find(NodeId directory, string name)
    {
        using var rows = Store.OpenSnapshot();
        return _index.TryFind(rows, directory.Inode, Bytes(ShortName.Of(Bytes(name))!), out _, out var stored)
            ? System.Text.Encoding.UTF8.GetString(stored.Span)
            : null;
    }
}
