using System.Text;
using Gateway.Hosting;

namespace Gateway.Tests.Hosting;

public sealed class VolumePathTests
{
    [TestCase("/", "")]
    [TestCase("", "")]
    [TestCase("/files", "")]
    [TestCase("/files/", "")]
    [TestCase("/files/a/b", "a b")]
    [TestCase("/files//a/./b/", "a b")]
    [TestCase("a/b", "a b")]
    [TestCase("files/a", "files a", Description = "without a slash in front it is within the volume")]
    [TestCase("/files/files", "files")]
    [TestCase("/other/a", "other a", Description = "no such volume: not there, when it is looked up")]
    [TestCase("/files/ä", "ä")]
    [TestCase("/files/../a", ".. a", Description = "a name like any other, which no directory has")]
    public void A_path_is_its_names_from_the_root_of_the_volume(string path, string names) =>
        Assert.That(
            VolumePath.Of(path, "files").Select(Encoding.UTF8.GetString),
            Is.EqualTo(names.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
