using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class ListingTests : TreeFixture
{
    [Test]
    public async Task ListsDotDotDotAndTheNames()
    {
        await CreateAsync(Tree.Root, "a");
        await CreateAsync(Tree.Root, "b");
        var names = await ListAsync(Tree.Root);
        Assert.That(names.Select(one => one.Name), Is.EqualTo(new[] { ".", "..", "a", "b" }));
        Assert.That(names.Select(one => one.Cookie), Is.EqualTo(new ulong[] { 1, 2, 3, 4 }));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(7)]
    public async Task AnyPieceSizeGivesTheSameList(int piece)
    {
        for (var i = 0; i < 20; i++) await CreateAsync(Tree.Root, $"n{i}");
        var whole = await ListAsync(Tree.Root);
        var pieces = new List<(string, ulong)>();
        for (ulong cookie = 0; ;)
        {
            var some = await ListAsync(Tree.Root, cookie, piece);
            if (some.Count == 0) break;
            pieces.AddRange(some);
            cookie = some[^1].Cookie;
        }

        Assert.That(pieces, Is.EqualTo(whole));
    }

    [Test]
    public async Task ChangesByOthersDisturbNoListing([Range(1, 5)] int seed)
    {
        var random = new Random(seed);
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var stay = Enumerable.Range(0, 50).Select(i => $"stay{i}").ToList();
        foreach (var name in stay) await CreateAsync(directory, name);
        for (var i = 0; i < 50; i++) await CreateAsync(directory, $"go{i}");

        var seen = new List<string>();
        for (ulong cookie = 0; ;)
        {
            var some = await ListAsync(directory, cookie, 1 + random.Next(8));
            if (some.Count == 0) break;
            seen.AddRange(some.Select(one => one.Name));
            cookie = some[^1].Cookie;
            if (seen.Count < 100) await CreateAsync(directory, $"new{random.Next()}");
            await Tree.RemoveAsync(directory, Bytes($"go{random.Next(50)}"), Root);
        }

        Assert.That(seen, Is.Unique);
        Assert.That(stay, Is.SubsetOf(seen));
    }

    [Test]
    public async Task CookiesAreNeverReusedAndFutureOnesAreRefused()
    {
        await CreateAsync(Tree.Root, "a");
        var last = (await ListAsync(Tree.Root))[^1].Cookie;
        await Tree.RemoveAsync(Tree.Root, "a"u8, Root);
        Assert.That(await ListAsync(Tree.Root, last), Is.Empty);
        await CreateAsync(Tree.Root, "a");
        Assert.That((await ListAsync(Tree.Root))[^1].Cookie, Is.GreaterThan(last));

        var future = await Tree.ReadDirectoryAsync(Tree.Root, 1000, new NameVisitor(10), Root);
        Assert.That(future.Status, Is.EqualTo(FileStatus.BadCookie));
        var end = await Tree.ReadDirectoryAsync(Tree.Root, last, new NameVisitor(1), Root);
        Assert.That(end.EndOfDirectory, Is.True);
    }

    [Test]
    public async Task GivesAttributesWhenWanted()
    {
        var file = await CreateAsync(Tree.Root, "a");
        await WriteAsync(file, 0, Pattern(1, 10), WriteStability.Unstable);
        var visitor = new NameVisitor(10, attributes: true);
        var result = await Tree.ReadDirectoryAsync(Tree.Root, 0, visitor, Root);

        Assert.That(result.EndOfDirectory, Is.True);
        Assert.That(visitor.Attributes, Has.Count.EqualTo(3));
        Assert.That(visitor.Attributes[0].Node, Is.EqualTo(Tree.Root));
        Assert.That(visitor.Attributes[2].Size, Is.EqualTo(10));
    }

    [Test]
    public async Task NeedsReadPermissionAndADirectory()
    {
        var closed = await MakeDirectoryAsync(Tree.Root, "d", Root, 0x1C9);
        var file = await CreateAsync(Tree.Root, "f");
        var denied = await Tree.ReadDirectoryAsync(closed, 0, new NameVisitor(1), Alice);
        var wrong = await Tree.ReadDirectoryAsync(file, 0, new NameVisitor(1), Alice);
        Assert.That(denied.Status, Is.EqualTo(FileStatus.AccessDenied));
        Assert.That(wrong.Status, Is.EqualTo(FileStatus.NotDirectory));
    }
}
