using Gateway.FileSystem;
using Gateway.FileSystem.Tables;

namespace Gateway.Tests.FileSystem.Tables;

/// <summary>Rows of nodes: those of earlier versions are read, and written as they were where nothing new is in them.</summary>
[TestFixture]
internal sealed class InodeTests
{
    private const string Plain =
        "0101010080012000070000000100000002000000030000000400000000000000050000000000000006000000000000000700000000000000"
        + "0800000000000000f7ffffffffffffff0a000000000000000b000000000000000c00000000000000";

    private static Inode Sample() => new()
    {
        Type = NodeType.File,
        Flags = InodeFlags.HasVerifier,
        Mode = 0x180,
        Dos = DosAttributes.Archive,
        Generation = 7,
        Uid = 1,
        Gid = 2,
        Links = 3,
        Size = 4,
        Used = 5,
        AccessTime = 6,
        ModifyTime = 7,
        ChangeTime = 8,
        BirthTime = -9,
        CreateVerifier = 10,
        InlineBytes = 11,
        DataVersion = 12,
    };

    [Test]
    public void RowsOfOldAreTheSame()
    {
        var inode = Sample();
        Assert.That(Convert.ToHexStringLower(Written(inode)), Is.EqualTo(Plain));
        Assert.That(Inode.Read(Written(inode)), Is.EqualTo(inode));

        inode.ExtendedAttributeBytes = 13;
        Assert.That(Convert.ToHexStringLower(Written(inode)), Is.EqualTo(Plain + "0d000000"));
        Assert.That(Inode.Read(Written(inode)), Is.EqualTo(inode));
    }

    [TestCase("18446744073709551616")]
    [TestCase("9223372036854775808")]
    [TestCase("-9223372036854775809")]
    [TestCase("910692730085477580700")]
    [TestCase("-11644473600000000000")]
    public void TimesMayBeBeyond64Bits(string text)
    {
        var time = Int128.Parse(text);
        for (var which = 0; which < 4; which++)
        {
            var inode = Sample();
            if (which == 0) inode.AccessTime = time;
            if (which == 1) inode.ModifyTime = time;
            if (which == 2) inode.BirthTime = time;
            if (which == 3) inode.DeclaredChangeTime = time;
            var row = Written(inode);
            Assert.That(row, Has.Length.EqualTo(116));
            Assert.That(Inode.Read(row), Is.EqualTo(inode), $"{which}");
        }
    }

    [Test]
    public void ADeclaredChangeTimeIsVoidAfterTheNextChange([Values] bool keeps)
    {
        var inode = Sample();
        inode.DeclaredChangeTime = -5;
        Assert.That(Inode.Read(Written(inode)).DeclaredChangeTime, Is.EqualTo((Int128)(-5)));

        inode.Touch(20, keeps);
        Assert.That(inode.ChangeTime, Is.EqualTo(20));
        Assert.That(inode.DeclaredChangeTime, keeps ? Is.EqualTo((Int128)(-5)) : Is.Null);
    }

    [Test]
    public void AKeptChangeTimeIsTheOneThatWasShown()
    {
        var inode = Sample();
        inode.Touch(20, keepsDeclared: true);
        Assert.That(inode.DeclaredChangeTime, Is.EqualTo((Int128)8));
    }

    [Test]
    public void WhatIsNoRowIsRefused()
    {
        var row = Written(Sample() with { DeclaredChangeTime = 1 });
        Assert.That(() => Inode.Read(row.AsSpan(0, 100)), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => Inode.Read(row.AsSpan(0, 110)), Throws.TypeOf<InvalidDataException>());
        row[3] = 0;
        Assert.That(() => Inode.Read(row), Throws.TypeOf<InvalidDataException>());
    }

    private static byte[] Written(in Inode inode)
    {
        var row = new byte[Inode.BytesMax];
        return row[..inode.Write(row)];
    }
}
