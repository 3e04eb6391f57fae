using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Names;

namespace Gateway.Tests.FileSystem.Names;

[TestFixture]
public sealed class CaseFoldingTests
{
    /// <summary>
    /// Folded names are in the rows of volumes: a table with another result would lose names. Never change this number.
    /// </summary>
    [Test]
    public void TheTableIsTheOneThatIsStored()
    {
        var hash = 14695981039346656037UL;
        for (var character = 0; character <= char.MaxValue; character++)
        {
            var folded = CaseFolding.Fold((char)character);
            unchecked
            {
                hash = (hash ^ (byte)folded) * 1099511628211UL;
                hash = (hash ^ (byte)(folded >> 8)) * 1099511628211UL;
            }
        }

        Assert.That(hash, Is.EqualTo(0x09FFD953D9BF7341UL));
    }

    [Test]
    public void FoldingAgainChangesNothingAndNeverTouchesSurrogates()
    {
        for (var character = 0; character <= char.MaxValue; character++)
        {
            var folded = CaseFolding.Fold((char)character);
            Assert.That(CaseFolding.Fold(folded), Is.EqualTo(folded));
            Assert.That(char.IsSurrogate(folded), Is.EqualTo(char.IsSurrogate((char)character)));
        }
    }

    [TestCase("README", "readme")]
    [TestCase("already lower 123", "already lower 123")]
    [TestCase("ÀÉÎÕÜ Žluťoučký", "àéîõü žluťoučký")]
    [TestCase("ΣΊΣΥΦΟΣ", "σίσυφοσ")]
    [TestCase("σίσυφος", "σίσυφοσ")]
    [TestCase("ПРИВЕТ", "привет")]
    [TestCase("ǅ Ǆ ǆ", "ǆ ǆ ǆ")]
    [TestCase("Ⱥ", "ⱥ")]
    public void LettersFoldToLowerCase(string name, string folded) => Assert.That(Fold(name), Is.EqualTo(folded));

    /// <summary>Compatible, or of another language's rules, but not each other's upper and lower case.</summary>
    [TestCase("İ ı ſ µ ẞ ß")]
    [TestCase("\u2126 \u212A \u212B \u0345")]
    [TestCase("𐐀")]
    public void TheseStayThemselves(string name) => Assert.That(Fold(name), Is.EqualTo(name));

    [Test]
    public void BytesThatAreNoUtf8StayThemselves()
    {
        byte[] name = [(byte)'A', 0xC3, (byte)'B', 0xFF, 0xED, 0xA0, 0x80, 0xE2, 0x84];
        byte[] folded = [(byte)'a', 0xC3, (byte)'b', 0xFF, 0xED, 0xA0, 0x80, 0xE2, 0x84];

        Assert.That(CaseFolding.Fold(name, new byte[CaseFolding.FoldedBytesMax]).ToArray(), Is.EqualTo(folded));
    }

    [Test]
    public void TheLongestNameFits()
    {
        var name = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Ⱥ", 127)) + "A");
        Assert.That(name, Has.Length.EqualTo(FileSystemLimits.NameBytesMax));

        var folded = CaseFolding.Fold(name, new byte[CaseFolding.FoldedBytesMax]);
        Assert.That(folded.Length, Is.EqualTo(CaseFolding.FoldedBytesMax));
    }

    private static string Fold(string name) =>
        Encoding.UTF8.GetString(
            CaseFolding.Fold(Encoding.UTF8.GetBytes(name), new byte[CaseFolding.FoldedBytesMax]));
}
