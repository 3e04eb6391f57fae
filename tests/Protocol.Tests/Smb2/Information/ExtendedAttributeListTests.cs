using System.Text;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Protocol.Tests.Smb2.Information;

[TestFixture]
internal sealed class ExtendedAttributeListTests
{
    // EAONE = VALUE1, then with the "need" flag SECONDEA = ValueTwo.
    private const string Two =
        "14000000" + "00" + "05" + "0600" + "45414F4E4500" + "56414C554531"
        + "00000000" + "80" + "08" + "0800" + "5345434F4E44454100" + "56616C756554776F";

    [Test]
    public void AListIsReadAndWritten()
    {
        Assert.That(FullEaList.TryParse(Convert.FromHexString(Two), out var list, out _), Is.True);
        Assert.That(list.Count, Is.EqualTo(2));

        var target = new byte[Two.Length / 2];
        var writer = new FullEaWriter(target);
        var names = new List<string>();
        foreach (var entry in list)
        {
            names.Add(Encoding.ASCII.GetString(entry.Name) + "=" + Encoding.ASCII.GetString(entry.Value));
            Assert.That(writer.TryAdd(entry), Is.True);
        }

        Assert.That(names, Is.EqualTo(new[] { "EAONE=VALUE1", "SECONDEA=ValueTwo" }));
        Assert.That(Convert.ToHexString(target.AsSpan(0, writer.Length)), Is.EqualTo(Two));
    }

    [Test]
    public void WhatDoesNotFitIsNotWritten()
    {
        for (var room = 0; room < Two.Length / 2; room++)
        {
            var target = new byte[room];
            var writer = new FullEaWriter(target);
            Assert.That(FullEaList.TryParse(Convert.FromHexString(Two), out var list, out _), Is.True);
            var added = 0;
            foreach (var entry in list)
            {
                if (writer.TryAdd(entry)) added++;
            }

            Assert.That(added, Is.LessThan(2));
            Assert.That(FullEaList.TryParse(target.AsSpan(0, writer.Length), out var written, out _), Is.True);
            Assert.That(written.Count, Is.EqualTo(added));
        }
    }

    [Test]
    public void EveryTruncationIsRefused()
    {
        var whole = Convert.FromHexString(Two);
        for (var length = 1; length < whole.Length; length++)
            Assert.That(FullEaList.TryParse(whole.AsSpan(0, length), out _, out _), Is.False, $"cut to {length}");
        Assert.That(FullEaList.TryParse(default, out var empty, out _), Is.True);
        Assert.That(empty.Count, Is.Zero);
    }

    [TestCase("04000000" + "00" + "01" + "0000" + "4100" + "0000", 0, TestName = "the next entry within this one")]
    [TestCase("0B000000" + "00" + "01" + "0000" + "4100" + "00" + "00000000" + "00" + "01" + "0000" + "4100", 0, TestName = "the next entry unaligned")]
    [TestCase("00000000" + "00" + "00" + "0000" + "00", 0, TestName = "no name")]
    [TestCase("00000000" + "00" + "01" + "0000" + "4141", 0, TestName = "no NUL")]
    [TestCase("0C000000" + "00" + "01" + "0000" + "4100" + "0000" + "FCFFFFFF" + "00" + "01" + "0000" + "4100", 12, TestName = "the second points far away")]
    public void ABrokenListSaysWhere(string hex, int offset)
    {
        Assert.That(FullEaList.TryParse(Convert.FromHexString(hex), out _, out var errorOffset), Is.False);
        Assert.That(errorOffset, Is.EqualTo(offset));
    }

    [Test]
    public void NamesAreRead()
    {
        var buffer = new byte[64];
        GetEaList.WriteEntry(buffer, "ONE"u8, 12);
        var length = 12 + GetEaList.WriteEntry(buffer.AsSpan(12), "TWO2"u8, 0);
        Assert.That(GetEaList.TryParse(buffer.AsSpan(0, length), out var list), Is.True);
        Assert.That(list.Count, Is.EqualTo(2));
        var names = new List<string>();
        foreach (var name in list) names.Add(Encoding.ASCII.GetString(name));
        Assert.That(names, Is.EqualTo(new[] { "ONE", "TWO2" }));

        for (var cut = 1; cut < length; cut++) Assert.That(GetEaList.TryParse(buffer.AsSpan(0, cut), out _), Is.False);
    }

    [Test]
    public void AnyByteMayBeWrongWithoutHarm()
    {
        var whole = Convert.FromHexString(Two);
        for (var index = 0; index < whole.Length; index++)
        {
            for (var value = 0; value < 256; value++)
            {
                var damaged = (byte[])whole.Clone();
                damaged[index] = (byte)value;
                Assert.That(() => FullEaList.TryParse(damaged, out _, out _), Throws.Nothing);
                Assert.That(() => GetEaList.TryParse(damaged, out _), Throws.Nothing);
            }
        }
    }
}
