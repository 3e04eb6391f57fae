using Gateway.Smb.Directories;

namespace Gateway.Tests.Smb.Directories;

[TestFixture]
internal sealed class ShortNameTests
{
    [TestCase("A.TXT", true)]
    [TestCase("readme", true)]
    [TestCase("12345678.abc", true)]
    [TestCase("A~1.TXT", true)]
    [TestCase("123456789.abc", false)]
    [TestCase("a.html", false)]
    [TestCase(".profile", false)]
    [TestCase("a.b.c", false)]
    [TestCase("a b.txt", false)]
    [TestCase("a.", false)]
    [TestCase("grün.txt", false)]
    [TestCase("", false)]
    public void AnEightDotThreeNameIsKnown(string name, bool isShort) =>
        Assert.That(ShortName.IsShort(name), Is.EqualTo(isShort));

    [TestCase("A long name.document")]
    [TestCase(".profile")]
    [TestCase("archive.tar.gz")]
    [TestCase("grün.txt")]
    [TestCase("no extension at all")]
    [TestCase("???")]
    [TestCase("x.....")]
    public void WhatIsMadeIsShortAndLeadsBack(string name)
    {
        Span<char> made = stackalloc char[ShortName.CharsMax];
        var shortName = made[..ShortName.Make(name, made)];
        Assert.That(ShortName.IsShort(shortName), Is.True, shortName.ToString());
        Assert.That(ShortName.IsMade(shortName), Is.True, shortName.ToString());
        Assert.That(ShortName.IsOf(shortName, name), Is.True);
        Assert.That(ShortName.IsOf(shortName.ToString().ToLowerInvariant(), name), Is.True);
        Assert.That(ShortName.IsOf(shortName, name + "x"), Is.False);
    }

    [Test]
    public void TheExtensionIsKept()
    {
        Span<char> made = stackalloc char[ShortName.CharsMax];
        Assert.That(made[..ShortName.Make("A long name.document", made)].ToString(), Does.Match("^AL[0-9A-Z]{4}~[0-9A-Z]\\.DOC$"));
    }

    [Test]
    public void NamesOfADirectoryHardlyCollide()
    {
        var seen = new HashSet<string>();
        Span<char> made = stackalloc char[ShortName.CharsMax];
        for (var index = 0; index < 20_000; index++) seen.Add(made[..ShortName.Make($"a long file name {index}.txt", made)].ToString());
        Assert.That(seen, Has.Count.GreaterThan(19_950));
    }
}
