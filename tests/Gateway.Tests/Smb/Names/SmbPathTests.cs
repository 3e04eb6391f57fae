using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;

namespace Gateway.Tests.Smb.Names;

/// <summary>Paths of CREATE, with what Windows and Samba answer to the bad ones.</summary>
[TestFixture]
internal sealed class SmbPathTests
{
    [TestCase("", "", "")]
    [TestCase("file", "file", "")]
    [TestCase("dir\\sub\\file", "dir|sub|file", "")]
    [TestCase("dir\\", "dir", "")]
    [TestCase("dir/sub\\file", "dir|sub|file", "")]
    [TestCase("dir/", "dir", "")]
    [TestCase("dir/file:stream", "dir|file", "stream")]
    [TestCase("dir\\..\\file", "file", "")]
    [TestCase("dir\\..", "", "")]
    [TestCase("file:stream", "file", "stream")]
    [TestCase("file:stream:$DATA", "file", "stream")]
    [TestCase("file:stream:$data", "file", "stream")]
    [TestCase("file::$DATA", "file", "")]
    [TestCase("file:?Stream*:$DATA", "file", "?Stream*")]
    [TestCase(":stream", "", "stream")]
    [TestCase("a\uF022b", "a:b", "")]
    [TestCase("dot\uF029", "dot.", "")]
    public void PathsAreSplit(string path, string names, string stream)
    {
        Assert.That(Parse(path, out var parsed), Is.EqualTo(NtStatus.Success));
        Assert.That(string.Join('|', parsed.Names.Select(name => Encoding.UTF8.GetString(name.Span))), Is.EqualTo(names));
        Assert.That(Encoding.UTF8.GetString(parsed.Stream.Span), Is.EqualTo(stream));
        Assert.That(parsed.NamesData, Is.EqualTo(path == "file::$DATA"));
    }

    [TestCase("\\file", NtStatus.InvalidParameter)]
    [TestCase("\\", NtStatus.InvalidParameter)]
    [TestCase("a\\\\b", NtStatus.ObjectNameInvalid)]
    [TestCase("a\\.\\b", NtStatus.ObjectNameInvalid)]
    [TestCase("..\\b", NtStatus.ObjectPathSyntaxBad)]
    [TestCase("..", NtStatus.ObjectPathSyntaxBad)]
    [TestCase("a\\..\\..", NtStatus.ObjectPathSyntaxBad)]
    [TestCase("\uF029", NtStatus.ObjectNameInvalid)]
    [TestCase("\uF029\uF029", NtStatus.ObjectPathSyntaxBad)]
    [TestCase("/file", NtStatus.InvalidParameter)]
    [TestCase("a//b", NtStatus.ObjectNameInvalid)]
    [TestCase("a/../../b", NtStatus.ObjectPathSyntaxBad)]
    [TestCase("a*", NtStatus.ObjectNameInvalid)]
    [TestCase("a?", NtStatus.ObjectNameInvalid)]
    [TestCase("a<", NtStatus.ObjectNameInvalid)]
    [TestCase("a>", NtStatus.ObjectNameInvalid)]
    [TestCase("a\"", NtStatus.ObjectNameInvalid)]
    [TestCase("a|", NtStatus.ObjectNameInvalid)]
    [TestCase("a\u0001", NtStatus.ObjectNameInvalid)]
    [TestCase("a\0b", NtStatus.ObjectNameInvalid)]
    [TestCase("a:b\\c", NtStatus.ObjectNameInvalid)]
    [TestCase("file:", NtStatus.ObjectNameInvalid)]
    [TestCase("file::", NtStatus.ObjectNameInvalid)]
    [TestCase("file:s:", NtStatus.ObjectNameInvalid)]
    [TestCase("file:s:$FOO", NtStatus.ObjectNameInvalid)]
    [TestCase("file:a:$DATA:b", NtStatus.ObjectNameInvalid)]
    [TestCase("file:a/b", NtStatus.ObjectNameInvalid)]
    public void BadPathsAreRefused(string path, NtStatus status) =>
        Assert.That(Parse(path, out _), Is.EqualTo(status));

    [Test]
    public void HalfACharacterIsRefused() =>
        Assert.That(SmbPath.TryParse([0x61, 0x00, 0x62], out _), Is.EqualTo(NtStatus.InvalidParameter));

    [Test]
    public void LongNamesAreRefused()
    {
        Assert.That(Parse(new string('n', 255), out _), Is.EqualTo(NtStatus.Success));
        Assert.That(Parse(new string('n', 256), out _), Is.EqualTo(NtStatus.ObjectNameInvalid));
        Assert.That(Parse(new string('€', 86), out _), Is.EqualTo(NtStatus.ObjectNameInvalid));
        Assert.That(Parse("f:" + new string('s', 256), out _), Is.EqualTo(NtStatus.ObjectNameInvalid));
    }

    [Test]
    public void PathsAreShown()
    {
        IReadOnlyList<ReadOnlyMemory<byte>> names = ["a:b"u8.ToArray(), "file"u8.ToArray()];
        Assert.That(SmbPath.ToWire(names), Is.EqualTo("a\uF022b\\file"));
        Assert.That(SmbPath.ToWire([]), Is.Empty);
    }

    private static NtStatus Parse(string path, out SmbPath parsed) =>
        SmbPath.TryParse(Encoding.Unicode.GetBytes(path), out parsed);
}
