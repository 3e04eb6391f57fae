using System.Text;
using Gateway.Smb.Names;

namespace Gateway.Tests.Smb.Names;

/// <summary>Targets of symbolic links go to clients and come back.</summary>
[TestFixture]
internal sealed class LinkTargetsTests
{
    [TestCase("file", "file")]
    [TestCase("../up/./file", @"..\up\.\file")]
    [TestCase("/absolute/path", @"\absolute\path")]
    [TestCase("what?/a:b/dot.", "what\uF025\\a\uF022b\\dot\uF029")]
    [TestCase("trailing/", @"trailing\")]
    public void TargetsGoRound(string stored, string shown)
    {
        var bytes = Encoding.UTF8.GetBytes(stored);
        Assert.That(LinkTargets.ToWire(bytes), Is.EqualTo(shown));
        Assert.That(LinkTargets.FromWire(shown), Is.EqualTo(bytes));
    }

    [Test]
    public void KernelPathsLoseTheirPrefix() =>
        Assert.That(LinkTargets.FromWire(@"\??\C:\there"), Is.EqualTo("/C:/there"u8.ToArray()));
}
