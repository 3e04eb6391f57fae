using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Tests.Smb2.Information;

/// <summary>The fixed structures: golden bytes, both directions, every truncation.</summary>
[TestFixture]
internal sealed class InformationTests
{
    private const string BasicHex =
        "0100000000000000" + "0200000000000000" + "FFFFFFFFFFFFFFFF" + "FEFFFFFFFFFFFFFF" + "20000000" + "00000000";

    private const string StandardHex = "0010000000000000" + "0100000000000000" + "02000000" + "01" + "00" + "0000";

    private const string AllHex =
        BasicHex + StandardHex + "0900000000000000" + "0A000000" + "FF011F00" + "0B00000000000000" + "02000000" + "00000000"
        + "04000000" + "5C006100";

    private const string NetworkOpenHex =
        "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000"
        + "0010000000000000" + "0100000000000000" + "20000000" + "00000000";

    private const string RenameHex = "01000000" + "00000000" + "0000000000000000" + "06000000" + "61005C006200";

    private static readonly FileBasicInformation Basic = new()
    {
        CreationTime = 1,
        LastAccessTime = 2,
        LastWriteTime = FileBasicInformation.Freeze,
        ChangeTime = FileBasicInformation.Thaw,
        FileAttributes = Smb2FileAttributes.Archive,
    };

    private static readonly FileStandardInformation Standard = new()
    {
        AllocationSize = 4096,
        EndOfFile = 1,
        NumberOfLinks = 2,
        DeletePending = true,
    };

    [Test]
    public void BasicInformation()
    {
        Assert.That(Hex(FileBasicInformation.Bytes, Basic.Write), Is.EqualTo(BasicHex));
        Assert.That(FileBasicInformation.TryParse(Convert.FromHexString(BasicHex), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(Basic));
        Cut(BasicHex[..72], bytes => FileBasicInformation.TryParse(bytes, out _));
    }

    [TestCase(0, true)]
    [TestCase(-1, true)]
    [TestCase(-2, true)]
    [TestCase(-3, false)]
    [TestCase(long.MinValue, false)]
    [TestCase(long.MaxValue, true)]
    public void ATimeIsSettable(long time, bool settable) =>
        Assert.That(FileBasicInformation.IsSettable(time), Is.EqualTo(settable));

    [Test]
    public void StandardInformation()
    {
        Assert.That(Hex(FileStandardInformation.Bytes, Standard.Write), Is.EqualTo(StandardHex));
        Assert.That(FileStandardInformation.TryParse(Convert.FromHexString(StandardHex), out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(Standard));
        Cut(StandardHex, bytes => FileStandardInformation.TryParse(bytes, out _));
    }

    [Test]
    public void AllInformation()
    {
        var all = new FileAllInformation
        {
            Basic = Basic,
            Standard = Standard,
            IndexNumber = 9,
            EaSize = 10,
            AccessFlags = 0x1F01FF,
            CurrentByteOffset = 11,
            Mode = 2,
        };
        var bytes = Convert.FromHexString(AllHex);
        Assert.That(FileAllInformation.TryParse(bytes, out var parsed, out var name), Is.True);
        Assert.That(parsed, Is.EqualTo(all));
        Assert.That(Encoding.Unicode.GetString(name), Is.EqualTo("\\a"));
        Assert.That(Hex(FileAllInformation.FixedBytes, target => all.Write(target, 4)) + "5C006100", Is.EqualTo(AllHex));
        Cut(AllHex, cut => FileAllInformation.TryParse(cut, out _, out _));
    }

    [Test]
    public void NetworkOpenInformation()
    {
        Assert.That(FileNetworkOpenInformation.TryParse(Convert.FromHexString(NetworkOpenHex), out var parsed), Is.True);
        Assert.That(parsed.AllocationSize, Is.EqualTo(4096));
        Assert.That(parsed.FileAttributes, Is.EqualTo(Smb2FileAttributes.Archive));
        Assert.That(Hex(FileNetworkOpenInformation.Bytes, parsed.Write), Is.EqualTo(NetworkOpenHex));
        Cut(NetworkOpenHex, bytes => FileNetworkOpenInformation.TryParse(bytes, out _));
    }

    [Test]
    public void SmallStructures()
    {
        var tag = new FileAttributeTagInformation(Smb2FileAttributes.ReparsePoint, 0xA000000C);
        Assert.That(Hex(FileAttributeTagInformation.Bytes, tag.Write), Is.EqualTo("00040000" + "0C0000A0"));
        Assert.That(FileAttributeTagInformation.TryParse(Convert.FromHexString("000400000C0000A0"), out var read), Is.True);
        Assert.That(read, Is.EqualTo(tag));

        var compression = new FileCompressionInformation(5);
        Assert.That(Hex(FileCompressionInformation.Bytes, compression.Write), Is.EqualTo("0500000000000000" + "0000000000000000"));

        var id = new FileIdInformation(1, 2, 3);
        const string idHex = "0100000000000000" + "0200000000000000" + "0300000000000000";
        Assert.That(Hex(FileIdInformation.Bytes, id.Write), Is.EqualTo(idHex));
        Assert.That(FileIdInformation.TryParse(Convert.FromHexString(idHex), out var idRead), Is.True);
        Assert.That(idRead, Is.EqualTo(id));

        var links = new FileStandardLinkInformation(1, 2, DeletePending: true, Directory: false);
        const string linksHex = "01000000" + "02000000" + "01" + "00" + "0000";
        Assert.That(Hex(FileStandardLinkInformation.Bytes, links.Write), Is.EqualTo(linksHex));
        Assert.That(FileStandardLinkInformation.TryParse(Convert.FromHexString(linksHex), out var linksRead), Is.True);
        Assert.That(linksRead, Is.EqualTo(links));

        Cut("000400000C0000A0", bytes => FileAttributeTagInformation.TryParse(bytes, out _));
        Cut(idHex, bytes => FileIdInformation.TryParse(bytes, out _));
        Cut(linksHex, bytes => FileStandardLinkInformation.TryParse(bytes, out _));
        Cut("0500000000000000" + "0000000000000000", bytes => FileCompressionInformation.TryParse(bytes, out _));
    }

    [Test]
    public void RenameInformation()
    {
        var bytes = Convert.FromHexString(RenameHex);
        Assert.That(FileRenameInformation.TryParse(bytes, extended: false, out var rename), Is.True);
        Assert.That(rename.Flags, Is.EqualTo(FileRenameFlags.ReplaceIfExists));
        Assert.That(Encoding.Unicode.GetString(rename.FileName), Is.EqualTo("a\\b"));
        var target = new byte[64];
        var length = rename.Write(target);
        Assert.That(Convert.ToHexString(target.AsSpan(0, length)), Is.EqualTo(RenameHex));

        bytes[0] = 0x43;
        Assert.That(FileRenameInformation.TryParse(bytes, extended: true, out var extended), Is.True);
        Assert.That(extended.Flags, Is.EqualTo(
            FileRenameFlags.ReplaceIfExists | FileRenameFlags.PosixSemantics | FileRenameFlags.IgnoreReadOnlyAttribute));
        Cut(RenameHex, cut => FileRenameInformation.TryParse(cut, extended: true, out _));
    }

    [TestCase("00000000" + "00000000" + "0000000000000000" + "00000000" + "00000000", TestName = "no name")]
    [TestCase("00000000" + "00000000" + "0000000000000000" + "03000000" + "61006200", TestName = "half a character")]
    [TestCase("00000000" + "00000000" + "0000000000000000" + "FEFFFFFF" + "61006200", TestName = "a name of 4 GiB")]
    public void ARenameThatCannotBeIsRefused(string hex) =>
        Assert.That(FileRenameInformation.TryParse(Convert.FromHexString(hex), extended: false, out _), Is.False);

    [Test]
    public void DispositionInformation()
    {
        Assert.That(FileDispositionInformation.TryParse([1], extended: false, out var flags), Is.True);
        Assert.That(flags, Is.EqualTo(FileDispositionFlags.Delete));
        Assert.That(FileDispositionInformation.TryParse([0], extended: false, out flags), Is.True);
        Assert.That(flags, Is.EqualTo(FileDispositionFlags.DoNotDelete));
        Assert.That(FileDispositionInformation.TryParse([0x13, 0, 0, 0], extended: true, out flags), Is.True);
        Assert.That(flags, Is.EqualTo(
            FileDispositionFlags.Delete | FileDispositionFlags.PosixSemantics | FileDispositionFlags.IgnoreReadOnlyAttribute));
        Assert.That(FileDispositionInformation.TryParse([], extended: false, out _), Is.False);
        Cut("01000000", bytes => FileDispositionInformation.TryParse(bytes, extended: true, out _));
    }

    [Test]
    public void StreamInformation()
    {
        var buffer = new byte[128];
        FileStreamInformation.Write(buffer, 14, 1, 4096);
        Encoding.Unicode.GetBytes("::$DATA").CopyTo(buffer, 24);
        FileStreamInformation.Link(buffer, 40);
        FileStreamInformation.Write(buffer.AsSpan(40), 4, 2, 512);
        Encoding.Unicode.GetBytes(":x").CopyTo(buffer, 64);
        Assert.That(Convert.ToHexString(buffer.AsSpan(0, 24)), Is.EqualTo("28000000" + "0E000000" + "0100000000000000" + "0010000000000000"));

        var names = new List<string>();
        ReadOnlySpan<byte> rest = buffer.AsSpan(0, 68);
        while (FileStreamInformation.TryTake(ref rest, out var stream)) names.Add(Encoding.Unicode.GetString(stream.Name));
        Assert.That(names, Is.EqualTo(new[] { "::$DATA", ":x" }));

        for (var index = 0; index < 68; index++)
        {
            var damaged = buffer.AsSpan(0, 68).ToArray();
            damaged[index] = 0xFF;
            Assert.That(() => TakeAll(damaged), Throws.Nothing);
            Assert.That(() => TakeAll(damaged.AsSpan(0, index).ToArray()), Throws.Nothing);
        }
    }

    [Test]
    public void FileSystemStructures()
    {
        Assert.That(
            Hex(FileFsVolumeInformation.FixedBytes, target => new FileFsVolumeInformation(1, 0x12345678).Write(target, 6)),
            Is.EqualTo("0100000000000000" + "78563412" + "06000000" + "0000"));
        var size = new FileFsFullSizeInformation
        {
            TotalAllocationUnits = 3,
            CallerAvailableAllocationUnits = 1,
            ActualAvailableAllocationUnits = 2,
            SectorsPerAllocationUnit = 8,
            BytesPerSector = 512,
        };
        Assert.That(Hex(FileFsFullSizeInformation.Bytes, size.Write), Is.EqualTo(
            "0300000000000000" + "0100000000000000" + "0200000000000000" + "08000000" + "00020000"));
        Assert.That(Hex(FileFsFullSizeInformation.SizeBytes, size.WriteSize), Is.EqualTo(
            "0300000000000000" + "0100000000000000" + "08000000" + "00020000"));
        Assert.That(
            Hex(FileFsDeviceInformation.Bytes, new FileFsDeviceInformation(FileFsDeviceInformation.Disk, FileFsDeviceInformation.IsMounted).Write),
            Is.EqualTo("07000000" + "20000000"));
        Assert.That(
            Hex(FileFsAttributeInformation.FixedBytes, target => new FileFsAttributeInformation(FileSystemAttributes.NamedStreams, 255).Write(target, 8)),
            Is.EqualTo("00000400" + "FF000000" + "08000000"));
        Assert.That(Hex(FileFsControlInformation.Bytes, FileFsControlInformation.WriteWithoutQuotas), Is.EqualTo(
            new string('0', 48) + new string('F', 32) + new string('0', 16)));
        Assert.That(
            Hex(FileFsObjectIdInformation.Bytes, target => FileFsObjectIdInformation.Write(target, new Guid("00112233-4455-6677-8899-aabbccddeeff"))),
            Is.EqualTo("33221100554477668899AABBCCDDEEFF" + new string('0', 96)));
        Assert.That(Hex(FileFsSectorSizeInformation.Bytes, new FileFsSectorSizeInformation(512, 4096).Write), Is.EqualTo(
            "00020000" + "00100000" + "00100000" + "00020000" + "07000000" + "00000000" + "00000000"));
    }

    private delegate void Writer(Span<byte> target);

    private delegate bool Parser(ReadOnlySpan<byte> bytes);

    private static string Hex(int bytes, Writer write)
    {
        var target = new byte[bytes];
        target.AsSpan().Fill(0xCC);
        write(target);
        return Convert.ToHexString(target);
    }

    private static void Cut(string hex, Parser parse)
    {
        var whole = Convert.FromHexString(hex);
        Assert.That(parse(whole), Is.True);
        for (var length = 0; length < whole.Length; length++)
            Assert.That(parse(whole.AsSpan(0, length)), Is.False, $"cut to {length} of {whole.Length}");
    }

    private static int TakeAll(byte[] bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        var count = 0;
        while (FileStreamInformation.TryTake(ref rest, out _)) count++;
        return count;
    }
}
