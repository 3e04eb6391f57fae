using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Security;

/// <summary>SIDs: text, bytes, and what is neither (MS-DTYP 2.4.2).</summary>
internal sealed class SidTests
{
    [TestCase("S-1-0-0", "010100000000000000000000")]
    [TestCase("S-1-1-0", "010100000000000100000000")]
    [TestCase("S-1-5-18", "010100000000000512000000")]
    [TestCase("S-1-5-32-544", "01020000000000052000000020020000")]
    [TestCase("S-1-5-21-3623811015-3361044348-30300820-1013", "010500000000000515000000C7F7FED77C7755C8945ACE01F5030000")]
    [TestCase("S-1-0x010203040506-7", "010101020304050607000000")]
    public void TextAndBytesSayTheSame(string text, string hex)
    {
        var bytes = Convert.FromHexString(hex);

        Assert.That(Sid.TryParse(bytes, out var sid, out var length), Is.True);
        Assert.That(length, Is.EqualTo(bytes.Length));
        Assert.That(sid.ToString(), Is.EqualTo(text));
        Assert.That(Sid.Parse(text), Is.EqualTo(sid));
        Assert.That(Convert.ToHexString(sid.ToBytes()), Is.EqualTo(hex));
        for (var cut = 0; cut < bytes.Length; cut++) Assert.That(Sid.TryParse(bytes.AsSpan(0, cut), out _, out _), Is.False);
    }

    [TestCase("")]
    [TestCase("S-1")]
    [TestCase("S-2-5-18")]
    [TestCase("S-1-5-")]
    [TestCase("S-1-5--1")]
    [TestCase("S-1-5-4294967296")]
    [TestCase("S-1-281474976710656-1")]
    [TestCase("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16")]
    public void WhatIsNoSidIsRefused(string text) => Assert.That(Sid.TryParse(text, out _), Is.False);

    [TestCase("0210000000000005")]
    [TestCase("0110000000000005")]
    public void BytesOfAnotherRevisionOrOfTooManyPartsAreRefused(string hex) =>
        Assert.That(Sid.TryParse([.. Convert.FromHexString(hex), .. new byte[100]], out _, out _), Is.False);

    [TestCase(0u)]
    [TestCase(1000u)]
    [TestCase(65534u)]
    [TestCase(2147483147u)]
    [TestCase(2147483148u)]
    [TestCase(uint.MaxValue)]
    public void EveryIdHasASidAndBack(uint id)
    {
        var map = new SidMap(new Guid("00010203-0405-4607-8809-0a0b0c0d0e0f"));

        Assert.That(map.TryUser(map.OfUser(id), out var uid), Is.True);
        Assert.That(uid, Is.EqualTo(id));
        Assert.That(map.TryGroup(map.OfGroup(id), out var gid), Is.True);
        Assert.That(gid, Is.EqualTo(id));
        Assert.That(map.TryUser(map.OfGroup(id), out _), Is.False);
        Assert.That(map.TryGroup(map.OfUser(id), out _), Is.False);
        Assert.That(map.TryUser(WellKnownSids.UnixUsers.With(id), out uid) && uid == id, Is.True);
        Assert.That(map.TryGroup(WellKnownSids.UnixGroups.With(id), out gid) && gid == id, Is.True);
    }

    [Test]
    public void AnotherVolumesUsersAreStrangers()
    {
        var ours = new SidMap(new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        var theirs = new SidMap(new Guid(9, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));

        Assert.That(ours.TryUser(theirs.OfUser(1000), out _), Is.False);
    }
}
