using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Tests.Smb2.Information;

/// <summary>Every directory class: sizes as the specification has them, both directions, small buffers, damage.</summary>
[TestFixture]
internal sealed class DirectoryRecordTests
{
    private const FileInformationClass Largest = FileInformationClass.IdExtdBothDirectory;

    [TestCase(FileInformationClass.Directory, 64)]
    [TestCase(FileInformationClass.FullDirectory, 68)]
    [TestCase(FileInformationClass.BothDirectory, 94)]
    [TestCase(FileInformationClass.Names, 12)]
    [TestCase(FileInformationClass.IdBothDirectory, 104)]
    [TestCase(FileInformationClass.IdFullDirectory, 80)]
    [TestCase(FileInformationClass.IdExtdDirectory, 88)]
    [TestCase(FileInformationClass.IdExtdBothDirectory, 114)]
    [TestCase(FileInformationClass.Basic, 0)]
    public void ARecordIsOfTheSpecifiedSize(FileInformationClass informationClass, int bytes)
    {
        Assert.That(DirectoryRecord.FixedBytes(informationClass), Is.EqualTo(bytes));
        Assert.That(DirectoryRecord.IsClass(informationClass), Is.EqualTo(bytes != 0));
    }

    [Test]
    public void TheBytesOfIdBothDirectory()
    {
        var output = new byte[256];
        var writer = new DirectoryRecordWriter(FileInformationClass.IdBothDirectory);
        Assert.That(writer.TryAdd(output, Sample("ab", ReparseTag: 0)), Is.True);
        Assert.That(Convert.ToHexString(output.AsSpan(0, writer.Length)), Is.EqualTo(
            "00000000" + "00000000"
            + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000"
            + "0500000000000000" + "0600000000000000" + "21000000" + "04000000"
            + "07000000" + "08" + "00" + "4100" + "7E00" + "3100" + "4200" + "00000000000000000000000000000000" + "0000"
            + "0800000000000000" + "61006200"));
    }

    [Test]
    public void RecordsAreReadAsTheyWereWritten(
        [Values(
            FileInformationClass.Directory, FileInformationClass.FullDirectory, FileInformationClass.BothDirectory,
            FileInformationClass.Names, FileInformationClass.IdBothDirectory, FileInformationClass.IdFullDirectory,
            FileInformationClass.IdExtdDirectory, FileInformationClass.IdExtdBothDirectory)]
        FileInformationClass informationClass)
    {
        string[] names = ["a", "bc", "def", "ghij", "klmno", "ü€", ""];
        var output = new byte[2048];
        var writer = new DirectoryRecordWriter(informationClass);
        foreach (var name in names) Assert.That(writer.TryAdd(output, Sample(name, ReparseTag: 0)), Is.True);
        Assert.That(writer.Count, Is.EqualTo(names.Length));

        ReadOnlySpan<byte> rest = output.AsSpan(0, writer.Length);
        var read = new List<string>();
        while (DirectoryRecord.TryTake(ref rest, informationClass, out var record))
        {
            read.Add(record.Name.ToString());
            if (informationClass == FileInformationClass.Names) continue;
            Assert.That(record.CreationTime, Is.EqualTo(1));
            Assert.That(record.ChangeTime, Is.EqualTo(4));
            Assert.That(record.EndOfFile, Is.EqualTo(5));
            Assert.That(record.FileAttributes, Is.EqualTo(Smb2FileAttributes.ReadOnly | Smb2FileAttributes.Archive));
            Assert.That(record.EaSize, Is.EqualTo(informationClass == FileInformationClass.Directory ? 0 : 7));
            Assert.That(record.FileId, Is.AnyOf(0, 8));
            Assert.That(record.ShortName.ToString(), Is.AnyOf("", "A~1B"));
        }

        Assert.That(rest.Length, Is.Zero);
        Assert.That(read, Is.EqualTo(names));
    }

    [TestCase(FileInformationClass.FullDirectory, 0xA000000C, 0)]
    [TestCase(FileInformationClass.IdExtdDirectory, 7, 0xA000000C)]
    public void TheTagOfAReparsePointStandsWhereTheClassHasIt(FileInformationClass informationClass, long eaSize, long tag)
    {
        var output = new byte[256];
        var writer = new DirectoryRecordWriter(informationClass);
        writer.TryAdd(output, Sample("link", ReparseTag: 0xA000000C));
        ReadOnlySpan<byte> rest = output.AsSpan(0, writer.Length);
        Assert.That(DirectoryRecord.TryTake(ref rest, informationClass, out var record), Is.True);
        Assert.That(record.EaSize, Is.EqualTo(eaSize));
        Assert.That(record.ReparseTag, Is.EqualTo(tag));
    }

    [Test]
    public void ARecordIsWrittenWholeOrNotAtAll()
    {
        var full = new byte[512];
        var reference = new DirectoryRecordWriter(Largest);
        reference.TryAdd(full, Sample("first", ReparseTag: 0));
        reference.TryAdd(full, Sample("second", ReparseTag: 0));
        for (var room = 0; room <= reference.Length; room++)
        {
            var output = new byte[room];
            var writer = new DirectoryRecordWriter(Largest);
            var first = writer.TryAdd(output, Sample("first", ReparseTag: 0));
            var length = writer.Length;
            var second = first && writer.TryAdd(output, Sample("second", ReparseTag: 0));
            Assert.That(first, Is.EqualTo(room >= 114 + 10));
            Assert.That(second, Is.EqualTo(room == reference.Length));
            if (first && !second) Assert.That(writer.Length, Is.EqualTo(length));

            ReadOnlySpan<byte> rest = output.AsSpan(0, writer.Length);
            var count = 0;
            while (DirectoryRecord.TryTake(ref rest, Largest, out _)) count++;
            Assert.That(count, Is.EqualTo(writer.Count));
        }
    }

    [Test]
    public void DamageIsRefusedOrReadButNeverThrows()
    {
        var whole = new byte[512];
        var writer = new DirectoryRecordWriter(Largest);
        writer.TryAdd(whole, Sample("first", ReparseTag: 0));
        writer.TryAdd(whole, Sample("second", ReparseTag: 0));
        for (var index = 0; index < writer.Length; index++)
        {
            foreach (var value in new byte[] { 0, 1, 0x7F, 0xFF })
            {
                var damaged = whole.AsSpan(0, writer.Length).ToArray();
                damaged[index] = value;
                Assert.That(() => Count(damaged), Throws.Nothing);
                Assert.That(() => Count(damaged.AsSpan(0, index).ToArray()), Throws.Nothing);
            }
        }
    }

    [Test]
    public void AppleFieldsStandWhereTheShortNameWas()
    {
        var output = new byte[256];
        var writer = new DirectoryRecordWriter(FileInformationClass.IdBothDirectory);
        writer.TryAdd(output, Sample("ab", ReparseTag: 0));
        new AppleDirectoryFields(0x001F01FF, 0x1234, 0x81A4).Write(output);
        var finderInfo = new byte[AfpMetadata.FinderInfoBytes];
        "TEXTttxt"u8.CopyTo(finderInfo);
        finderInfo[8] = 0x40;
        finderInfo[25] = 0x02;
        AppleDirectoryFields.WriteFinderInfo(output, finderInfo, isFile: true, 0x01020304);
        Assert.That(Convert.ToHexString(output.AsSpan(64, 40)), Is.EqualTo(
            "FF011F00" + "1800" + "3412000000000000" + "5445585474747874" + "4000" + "0002" + "01020304" + "A481" + "0800000000000000"));
    }

    private static int Count(byte[] bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        var count = 0;
        while (DirectoryRecord.TryTake(ref rest, Largest, out _)) count++;
        return count;
    }

    private static DirectoryRecord Sample(string name, uint ReparseTag) => new()
    {
        CreationTime = 1,
        LastAccessTime = 2,
        LastWriteTime = 3,
        ChangeTime = 4,
        EndOfFile = 5,
        AllocationSize = 6,
        FileAttributes = Smb2FileAttributes.ReadOnly | Smb2FileAttributes.Archive,
        EaSize = 7,
        ReparseTag = ReparseTag,
        FileId = 8,
        ShortName = "A~1B",
        Name = name,
    };
}
