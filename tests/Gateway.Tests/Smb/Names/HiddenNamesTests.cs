using System.Text;
using Gateway.FileSystem;
using Gateway.Smb.Names;

namespace Gateway.Tests.Smb.Names;

[TestFixture]
internal sealed class HiddenNamesTests
{
    private static readonly HiddenNames Names = new([".*", "thumbs.db"]);

    [TestCase(".profile", true), TestCase("..x", true), TestCase("Thumbs.DB", true), TestCase("a.b", false)]
    [TestCase(".", false), TestCase("..", false), TestCase("", false)]
    public void PatternsAreOfWholeNames(string name, bool expected)
    {
        Assert.That(Names.Contains(name), Is.EqualTo(expected));
        Assert.That(HiddenNames.None.Contains(name), Is.False);
        if (name.Trim('.') == name || name.Length > 2) Assert.That(Names.Contains(Encoding.UTF8.GetBytes(name)), Is.EqualTo(expected));
    }

    [Test]
    public void TheyAddToWhatIsStored()
    {
        var attributes = default(NodeAttributes) with { Dos = DosAttributes.Archive };
        Assert.That(Names.Show(".x", attributes).Dos, Is.EqualTo(DosAttributes.Archive | DosAttributes.Hidden));
        Assert.That(Names.Show("x", attributes).Dos, Is.EqualTo(DosAttributes.Archive));
    }
}
