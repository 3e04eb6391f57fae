using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;

namespace Gateway.Tests.FileSystem.Tables;

/// <summary>Rows of persistent opens: what was written is read, and nothing else is taken for one.</summary>
[TestFixture]
internal sealed class OpenRecordTests
{
    private const int HeadBytes = 144;

    private static OpenRecord Sample(string name = "Name", string stream = "s", string share = "files", Guid? application = null) => new()
    {
        Grant = new PersistentGrant
        {
            Id = 0x0102030405060708,
            CreateGuid = new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f"),
            Share = share,
            Timeout = TimeSpan.FromMilliseconds(60_001),
            Application = application,
        },
        Type = NodeType.File,
        Action = OpenAction.Overwritten,
        Oplock = OplockLevel.Lease,
        Share = ShareModes.Read | ShareModes.Delete,
        Access = (AccessMask)0x0012019F,
        Options = OpenOptions.NonDirectory | OpenOptions.DeleteOnClose,
        DeletePending = true,
        Uid = 1000,
        Gid = 100,
        File = new NodeId(7, 8),
        Content = new NodeId(9, 10),
        Root = new NodeId(1, 2),
        Directory = new NodeId(3, 4),
        Name = [.. name.Select(letter => (byte)letter)],
        Stream = [.. stream.Select(letter => (byte)letter)],
        Client = new Guid("10111213-1415-1617-1819-1a1b1c1d1e1f"),
        LeaseKey = new Guid("20212223-2425-2627-2829-2a2b2c2d2e2f"),
    };

    private static byte[] Written(OpenRecord record)
    {
        var row = new byte[OpenRecord.BytesMax];
        return row[..record.Write(row)];
    }

    [Test]
    public void RoundTrips([Values("", "n", "max")] string name, [Values("", "max")] string stream, [Values] bool hasApplication)
    {
        var record = Sample(
            name == "max" ? new string('x', FileSystemLimits.NameBytesMax) : name,
            stream == "max" ? new string('y', FileSystemLimits.NameBytesMax) : stream,
            new string('z', PersistentGrant.ShareBytesMax),
            hasApplication ? new Guid("30313233-3435-3637-3839-3a3b3c3d3e3f") : null);
        var row = Written(record);
        var read = OpenRecord.Read(record.Grant.Id, row)!;
        Assert.That(read with { Name = record.Name, Stream = record.Stream }, Is.EqualTo(record));
        Assert.That(read.Name, Is.EqualTo(record.Name));
        Assert.That(read.Stream, Is.EqualTo(record.Stream));
        Assert.That(Written(read), Is.EqualTo(row));
    }

    [Test]
    public void TheFormIsFixed() => Assert.That(
        Convert.ToHexStringLower(Written(Sample())),
        Is.EqualTo(
            "010103ff05010504010000009f0112004010000061ea0000e803000064000000"
            + "0700000000000000080000000900000000000000" + "0a000000" + "010000000000000002000000" + "030000000000000004000000"
            + "13121110151417161819" + "1a1b1c1d1e1f" + "03020100050407060809" + "0a0b0c0d0e0f" + "23222120252427262829" + "2a2b2c2d2e2f"
            + "00000000000000000000000000000000" + "66696c6573" + "4e616d65" + "73"));

    [Test]
    public void WhatIsCutIsNoRecord()
    {
        var row = Written(Sample());
        for (var length = 0; length < row.Length; length++) Assert.That(OpenRecord.Read(1, row.AsSpan(0, length)), Is.Null, $"{length} bytes");
        Assert.That(OpenRecord.Read(1, [.. row, 0]), Is.Null);
    }

    [Test]
    public void NorIsOneOfAnotherVersionOrWithOtherLengths([Values(0, 6, 7, 8)] int at)
    {
        var row = Written(Sample());
        row[at]++;
        Assert.That(OpenRecord.Read(1, row), Is.Null);
        Assert.That(row, Has.Length.GreaterThan(HeadBytes));
    }
}
