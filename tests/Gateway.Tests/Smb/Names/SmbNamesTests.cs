using System.Text;
using Gateway.Smb.Names;

namespace Gateway.Tests.Smb.Names;

/// <summary>Every stored name has one form on the wire, and that form leads back to it.</summary>
[TestFixture]
internal sealed class SmbNamesTests
{
    [TestCase("plain.txt", "plain.txt")]
    [TestCase("Ünïcödé €", "Ünïcödé €")]
    [TestCase("a:b", "a\uF022b")]
    [TestCase("\"*:<>?\\|", "\uF020\uF021\uF022\uF023\uF024\uF025\uF026\uF027")]
    [TestCase("dot.", "dot\uF029")]
    [TestCase("dots..", "dots.\uF029")]
    [TestCase("space ", "space\uF028")]
    [TestCase(" space", " space")]
    [TestCase(".hidden", ".hidden")]
    [TestCase("new\nline", "new\uF00Aline")]
    [TestCase("\u001F", "\uF01F")]
    [TestCase("\uF022", "\uF7EF\uF780\uF7A2")]
    [TestCase("\uF7A2", "\uF7EF\uF79E\uF7A2")]
    [TestCase("\uF02A", "\uF02A")]
    [TestCase("\U0001F600", "\U0001F600")]
    public void NamesAreShown(string stored, string shown)
    {
        var bytes = Encoding.UTF8.GetBytes(stored);
        Assert.That(SmbNames.ToWire(bytes), Is.EqualTo(shown));
        Assert.That(SmbNames.FromWire(shown), Is.EqualTo(bytes));
    }

    [TestCase(new byte[] { 0xFF }, "\uF7FF")]
    [TestCase(new byte[] { 0x61, 0xC3, 0x62 }, "a\uF7C3b")]
    [TestCase(new byte[] { 0xC0, 0xAF }, "\uF7C0\uF7AF")]
    [TestCase(new byte[] { 0xE2, 0x82 }, "\uF7E2\uF782")]
    public void BytesThatAreNoTextAreShown(byte[] stored, string shown)
    {
        Assert.That(SmbNames.ToWire(stored), Is.EqualTo(shown));
        Assert.That(SmbNames.FromWire(shown), Is.EqualTo(stored));
    }

    [Test]
    public void HalvesOfPairsAreShownSoThatTheyDoNotPair()
    {
        Assert.That(SmbNames.ToWire([0xED, 0xA0, 0x80]), Is.EqualTo("\uD800"));
        Assert.That(SmbNames.ToWire([0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80]), Is.EqualTo("\uF7ED\uF7A0\uF780\uDC00"));
    }

    [Test]
    public void EveryCodeUnitComesBack()
    {
        Span<byte> stored = stackalloc byte[9];
        for (var unit = 1; unit <= 0xFFFF; unit++)
        {
            // No name holds a slash.
            if (unit == '/')
                continue;
            var written = Wtf8.Write((char)unit, stored);
            written += Wtf8.Write('x', stored[written..]);
            written += Wtf8.Write((char)unit, stored[written..]);
            AssertComesBack(stored[..written]);
        }
    }

    [Test]
    public void NamesOfRandomBytesComeBack()
    {
        var random = new Random(20_250_611);
        ReadOnlySpan<byte> interesting = [0x20, 0x2E, 0x3A, 0x80, 0xA0, 0xAF, 0xB0, 0xBF, 0xC3, 0xED, 0xEF, 0x9F, 0xF0, 0xF4, 0xFF];
        Span<byte> longest = stackalloc byte[10];
        for (var round = 0; round < 50_000; round++)
        {
            var name = longest[..(1 + random.Next(longest.Length))];
            foreach (ref var part in name)
                part = random.Next(2) == 0 ? interesting[random.Next(interesting.Length)] : (byte)(1 + random.Next(255));
            name.Replace((byte)'/', (byte)'.');
            AssertComesBack(name);
        }
    }

    [Test]
    public void WhatIsShownIsAllowedInACreate()
    {
        for (var unit = 1; unit < 0x80; unit++)
        {
            if (unit == '/')
                continue;
            var shown = SmbNames.ToWire([(byte)unit]);
            Assert.That(SmbNames.IsAllowed(shown), Is.True, $"U+{unit:X4}");
        }
    }

    [Test]
    public void StreamsAreStoredAsWritten()
    {
        const string name = "?Stream* \n \uF022 \uD800 €";
        Assert.That(StreamNames.ToWire(StreamNames.FromWire(name)), Is.EqualTo(name));
    }

    private static void AssertComesBack(ReadOnlySpan<byte> stored)
    {
        var shown = SmbNames.ToWire(stored);
        var back = SmbNames.FromWire(shown);
        if (!stored.SequenceEqual(back) || shown.EndsWith('.') || shown.EndsWith(' ') || shown.Length > stored.Length)
            Assert.Fail($"{Convert.ToHexString(stored)} became {Convert.ToHexString(back)}");
    }
}
