using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Tests.DceRpc;

/// <summary>NDR: alignment, strings and what is cut or absurd.</summary>
[TestFixture]
internal sealed class NdrTests
{
    [Test]
    public void NumbersAreAlignedOnTheirSize()
    {
        var writer = new NdrWriter();
        writer.WriteByte(1);
        writer.WriteUInt16(2);
        writer.WriteByte(3);
        writer.WriteUInt32(4);

        Assert.That(Convert.ToHexString(writer.Written.Span), Is.EqualTo("01000200" + "03000000" + "04000000"));
        var reader = new NdrReader(writer.Written.Span);
        Assert.That(reader.ReadByte(), Is.EqualTo(1));
        Assert.That(reader.ReadUInt16(), Is.EqualTo(2));
        Assert.That(reader.ReadByte(), Is.EqualTo(3));
        Assert.That(reader.ReadUInt32(), Is.EqualTo(4));
        Assert.That(reader.Intact, Is.True);
        Assert.That(reader.BytesLeft, Is.Zero);
    }

    [Test]
    public void AStringIsConformantVaryingAndEndsWithZero()
    {
        var writer = new NdrWriter();
        writer.WriteUniqueString("ab");

        Assert.That(
            Convert.ToHexString(writer.Written.Span),
            Is.EqualTo("00000200" + "03000000" + "00000000" + "03000000" + "610062000000"));
        for (var cut = 0; cut < writer.Length; cut++)
        {
            var reader = new NdrReader(writer.Written.Span[..cut]);
            reader.ReadUniqueString(100);
            Assert.That(reader.Intact, Is.False, $"{cut} bytes");
        }

        var whole = new NdrReader(writer.Written.Span);
        Assert.That(whole.ReadUniqueString(100), Is.EqualTo("ab"));
        Assert.That(whole.Intact, Is.True);
    }

    /// <summary>Room, offset and length of a string, in this order.</summary>
    [TestCase("02000000" + "00000000" + "03000000", TestName = "longer than its room")]
    [TestCase("03000000" + "01000000" + "02000000", TestName = "not from its beginning")]
    [TestCase("FFFFFFFF" + "00000000" + "FFFFFFFF", TestName = "four billion characters")]
    [TestCase("00000080" + "00000000" + "00000080", TestName = "whose bytes overflow")]
    [TestCase("05000000" + "00000000" + "05000000", TestName = "longer than it may be")]
    public void AnAbsurdStringIsNotIntact(string head)
    {
        var reader = new NdrReader(Convert.FromHexString(head + "6100620063006400650066006700"));

        Assert.That(reader.ReadString(4), Is.Empty);
        Assert.That(reader.Intact, Is.False);
        Assert.That(reader.ReadUInt32(), Is.Zero, "and stays so");
        Assert.That(reader.BytesLeft, Is.Zero);
    }

    [Test]
    public void AnAnswerIsBounded()
    {
        var writer = new NdrWriter();
        writer.WriteBytes(new byte[NdrWriter.LengthMax]);

        Assert.That(() => writer.WriteByte(0), Throws.InvalidOperationException);
    }

    [Test]
    public void AResponseIsCutIntoFragments()
    {
        var stub = new byte[10_000];
        new Random(1).NextBytes(stub);

        var fragments = DcePdus.Response(5, 2, stub, 4280).ToList();

        Assert.That(fragments.Select(fragment => fragment.Length), Is.All.LessThanOrEqualTo(4280));
        Assert.That(fragments.SelectMany(fragment => fragment[DcePdus.ResponseHeaderBytes..]), Is.EqualTo(stub));
        Assert.That(fragments.Select(fragment => fragment[3]), Is.EqualTo(new byte[] { 1, 0, 2 }));
        Assert.That(DcePdus.Response(5, 2, default, 4280).Single()[3], Is.EqualTo(3));
    }

    [Test]
    public void ATruncatedBindIsRefused()
    {
        var writer = new NdrWriter();
        writer.WriteUInt32(0x10B810B8);
        writer.WriteUInt32(0);
        writer.WriteUInt32(1);
        writer.WriteUInt32(0x00010000);
        foreach (var syntax in new[] { DceSyntax.Ndr, DceSyntax.Ndr })
        {
            writer.WriteGuid(syntax.Uuid);
            writer.WriteUInt16(syntax.Major);
            writer.WriteUInt16(syntax.Minor);
        }

        Assert.That(DceBind.TryParse(writer.Written.Span, out var bind), Is.True);
        Assert.That(bind.TransmitBytesMax, Is.EqualTo(0x10B8));
        Assert.That(bind.Proposals.Single().Transfers.Single(), Is.EqualTo(DceSyntax.Ndr));
        for (var cut = 0; cut < writer.Length; cut++) Assert.That(DceBind.TryParse(writer.Written.Span[..cut], out _), Is.False);
    }

    [TestCase("05000B0310000000" + "1000" + "0000" + "07000000", true)]
    [TestCase("05010B0310000000" + "1000" + "0000" + "07000000", true)]
    [TestCase("04000B0310000000" + "1000" + "0000" + "07000000", false, TestName = "another version")]
    [TestCase("05000B0300000000" + "1000" + "0000" + "07000000", false, TestName = "big endian")]
    [TestCase("05000B0310000000" + "0F00" + "0000" + "07000000", false, TestName = "shorter than its header")]
    [TestCase("05000B0310000000" + "1800" + "0100" + "07000000", false, TestName = "no room for the authentication")]
    public void HeadersAreChecked(string hex, bool good)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.That(DcePduHeader.TryParse(bytes, out _), Is.EqualTo(good));
        for (var cut = 0; cut < bytes.Length; cut++) Assert.That(DcePduHeader.TryParse(bytes.AsSpan(0, cut), out _), Is.False);
    }
}
