using Gateway.Replication.Checksums;

namespace Gateway.Replication.Tests.Checksums;

public sealed class Crc32CSumTests
{
    [TestCase(0, 5)]
    [TestCase(7, 0)]
    [TestCase(1, 1)]
    [TestCase(32768, 32768)]
    [TestCase(4_000_000, 100_003)]
    public void Joining_equals_computing(int first, int second)
    {
        var data = new byte[first + second];
        new Random(first).NextBytes(data);
        var joined = Crc32CSum.Join(
            Crc32C.Compute(data.AsSpan(0, first)), Crc32C.Compute(data.AsSpan(first)), second);
        Assert.That(joined, Is.EqualTo(Crc32C.Compute(data)));
    }

    [TestCase(1)]
    [TestCase(32768)]
    [TestCase(32769)]
    [TestCase(4 << 20)]
    [TestCase(1_000_000)]
    public void Blocks_join_to_the_whole(int bytes)
    {
        const int blockBytes = 32768;
        var data = new byte[bytes];
        new Random(bytes).NextBytes(data);
        var blocks = data.Chunk(blockBytes).Select(block => Crc32C.Compute(block)).ToArray();
        Assert.That(Crc32CSum.JoinBlocks(blocks, blockBytes, bytes), Is.EqualTo(Crc32C.Compute(data)));
        blocks[0] ^= 1;
        Assert.That(Crc32CSum.JoinBlocks(blocks, blockBytes, bytes), Is.Not.EqualTo(Crc32C.Compute(data)));
    }
}
