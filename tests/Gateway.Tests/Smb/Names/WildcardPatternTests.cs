using Gateway.Smb.Names;

namespace Gateway.Tests.Smb.Names;

/// <summary>What FsRtlIsNameInExpression says.</summary>
[TestFixture]
internal sealed class WildcardPatternTests
{
    [TestCase("*", "anything.at.all", true)]
    [TestCase("*.*", "a.b", true)]
    [TestCase("*.*", "ab", false)]
    [TestCase("*.txt", "README.TXT", true)]
    [TestCase("*.txt", "readme.text", false)]
    [TestCase("a*b*c", "aXXbYYc", true)]
    [TestCase("a*b*c", "aXXbYY", false)]
    [TestCase("?", "a", true)]
    [TestCase("?", "", false)]
    [TestCase("??", "a", false)]
    [TestCase("a?c", "a.c", true)]
    [TestCase("name", "NAME", true)]
    [TestCase("name", "names", false)]
    [TestCase("ÄÖ*", "äöü", true)]

    // DOS_STAR: up to the last dot, without it.
    [TestCase("<", "abc", true)]
    [TestCase("<", "a.b", false)]
    [TestCase("<.b", "a.b", true)]
    [TestCase("<.c", "a.b.c", true)]
    [TestCase("<.b", "a.b.c", false)]
    [TestCase("<.", "a", false)]
    [TestCase("<\"*", "a", true)]
    [TestCase("<\"*", "a.b", true)]

    // DOS_QM: a character, or nothing in front of a dot or at the end.
    [TestCase(">>>", "ab", true)]
    [TestCase(">>>", "abcd", false)]
    [TestCase(">>>.txt", "a.txt", true)]
    [TestCase(">>>.txt", "abcd.txt", false)]
    [TestCase("a>b", "ab", false)]
    [TestCase("a>.b", "a.b", true)]

    // DOS_DOT: a dot, or nothing at the end.
    [TestCase("a\"", "a", true)]
    [TestCase("a\"", "a.", true)]
    [TestCase("a\"b", "a.b", true)]
    [TestCase("a\"b", "ab", false)]
    [TestCase("a\"*", "a", true)]
    public void PatternsMatch(string pattern, string name, bool isMatch) =>
        Assert.That(new WildcardPattern(pattern).IsMatch(name), Is.EqualTo(isMatch));

    [Test]
    public void LongPatternsOfStarsEnd()
    {
        var pattern = new WildcardPattern(string.Concat(Enumerable.Repeat("*a<>", 2000)) + "b");
        Assert.That(pattern.IsMatch(new string('a', 255)), Is.False);
    }

    [TestCase("plain", false)]
    [TestCase("a*", true)]
    [TestCase("a\"", true)]
    public void WildcardsAreSeen(string text, bool has) => Assert.That(WildcardPattern.HasWildcards(text), Is.EqualTo(has));
}
