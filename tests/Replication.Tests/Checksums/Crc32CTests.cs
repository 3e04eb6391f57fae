using System.Text;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Tests.Checksums;

public sealed class Crc32CTests
{
    [Test]
    public void Knows_the_vectors_of_rfc_3720()
    {
        Assert.That(Crc32C.Compute(new byte[32]), Is.EqualTo(0x8A9136AAu));
        Assert.That(Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()), Is.EqualTo(0x62A8AB43u));
        Assert.That(Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")), Is.EqualTo(0xE3069283u));
        Assert.That(Crc32C.Compute([]), Is.Zero);
    }

    [TestCase(767)]
    [TestCase(768)]
    [TestCase(6143)]
    [TestCase(6144)]
    [TestCase(100_003)]
    public void Equals_the_bitwise_definition_at_every_block_size(int bytes)
    {
        var data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        Assert.That(Crc32C.Compute(data), Is.EqualTo(Bitwise(data)));
    }

    [Test]
    public void Grows_in_pieces()
    {
        var data = new byte[20_000];
        new Random(1).NextBytes(data);
        uint crc = 0;
        for (int at = 0, piece = 1; at < data.Length; at += piece, piece += 97)
            crc = Crc32C.Append(crc, data.AsSpan(at, Math.Min(piece, data.Length - at)));
        Assert.That(crc, Is.EqualTo(Crc32C.Compute(data)));
    }

    private static uint Bitwise(byte[] data)
    {
        var crc = ~0u;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }
}
