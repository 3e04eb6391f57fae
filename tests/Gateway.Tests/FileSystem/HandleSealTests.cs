using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class HandleSealTests
{
    private static readonly Guid Volume = new("0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0");

    private readonly HandleSeal _seal = new(Volume, Convert.FromHexString("000102030405060708090A0B0C0D0E0F"));

    [Test]
    public void SipHashIsTheReferenceOne()
    {
        // The first and sixteenth vector of the reference implementation, 128-bit output, key 00..0f, input 00 01 02
        // ...
        var hash = new SipHash(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"));
        var output = new byte[16];
        hash.Hash([], output);
        Assert.That(Convert.ToHexString(output), Is.EqualTo("A3817F04BA25A8E66DF67214C7550293"));
        hash.Hash([0], output);
        Assert.That(Convert.ToHexString(output), Is.EqualTo("DA87C1D86B99AF44347659119B22FC45"));
    }

    [Test]
    public void AHandleOpensToItsNode()
    {
        var node = new NodeId(0x123456789ABC, 77);
        var handle = new byte[HandleSeal.HandleBytes];
        _seal.Seal(node, handle);

        Assert.That(handle, Has.Length.LessThanOrEqualTo(64));
        Assert.That(_seal.TryOpen(handle, out var opened), Is.True);
        Assert.That(opened, Is.EqualTo(node));
        Assert.That(HandleSeal.TryReadVolume(handle, out var volume), Is.True);
        Assert.That(volume, Is.EqualTo(Volume));
    }

    [Test]
    public void EveryFlippedBitIsSeen()
    {
        var handle = new byte[HandleSeal.HandleBytes];
        _seal.Seal(new NodeId(5, 6), handle);
        for (var bit = 0; bit < handle.Length * 8; bit++)
        {
            handle[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(_seal.TryOpen(handle, out _), Is.False, $"bit {bit}");
            handle[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Test]
    public void OtherLengthsAndOtherKeysAreRefused()
    {
        var handle = new byte[HandleSeal.HandleBytes];
        _seal.Seal(new NodeId(5, 6), handle);
        for (var length = 0; length < handle.Length; length++)
            Assert.That(_seal.TryOpen(handle.AsSpan(0, length), out _), Is.False);
        Assert.That(_seal.TryOpen([.. handle, 0], out _), Is.False);
        var other = new HandleSeal(Volume, new byte[HandleSeal.KeyBytes]);
        Assert.That(other.TryOpen(handle, out _), Is.False);
        Assert.That(_seal.TryOpen(new byte[HandleSeal.HandleBytes], out _), Is.False);
    }
}
