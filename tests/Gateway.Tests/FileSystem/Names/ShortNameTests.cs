using System.Text;
using Gateway.FileSystem.Names;

namespace Gateway.Tests.FileSystem.Names;

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
    public void AnEightDotThreeNameIsKnown(string name, bool isShort)
    {
        Assert.That(ShortName.IsShort(Bytes(name)), Is.EqualTo(isShort));
        Assert.That(ShortName.Of(Bytes(name)), isShort ? Is.Null : Is.Not.Null);
    }

    [TestCase("A long name.document")]
    [TestCase(".profile")]
    [TestCase("archive.tar.gz")]
    [TestCase("grün.txt")]
    [TestCase("no extension at all")]
    [TestCase("\u00DF\u2603???")]
    [TestCase("x.....")]
    public void WhatIsMadeIsShortAndLeadsBack(string name)
    {
        var shortName = ShortName.Of(Bytes(name))!;
        Assert.That(ShortName.IsShort(Bytes(shortName)), Is.True, shortName);
        foreach (var written in new[] { shortName, shortName.ToLowerInvariant() })
        {
            Assert.That(ShortName.IsMade(Bytes(written), out var number), Is.True, written);
            Assert.That(number, Is.EqualTo(ShortName.NumberOf(Bytes(name))));
            Assert.That(ShortName.IsOf(Bytes(written), Bytes(name)), Is.True);
            Assert.That(ShortName.IsOf(Bytes(written), Bytes(name + "x")), Is.False);
        }

        Assert.That(ShortName.Of(Bytes(name.ToUpperInvariant())), Is.EqualTo(shortName), "the same in every case");
    }

    [TestCase("AB0000~0.TXT", true), TestCase("__zzzz~z", true), TestCase("AB0000~", false), TestCase("ABC000~1.TXTX", false)]
    [TestCase("AB00-0~0", false), TestCase("AB0000~-", false), TestCase("AB0000-0", false), TestCase("AB0000~01", false)]
    public void TheFormIsRecognised(string name, bool expected) => Assert.That(ShortName.IsMade(Bytes(name), out _), Is.EqualTo(expected));

    [Test]
    public void TheExtensionIsKept() =>
        Assert.That(ShortName.Of(Bytes("A long name.document")), Does.Match("^AL[0-9A-Z]{4}~[0-9A-Z]\\.DOC$"));

    [Test]
    public void NamesOfADirectoryHardlyCollide()
    {
        var seen = new HashSet<string>();
        for (var index = 0; index < 20_000; index++) seen.Add(ShortName.Of(Bytes($"a long file name {index}.txt"))!);
        Assert.That(seen, Has.Count.GreaterThan(19_950));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
