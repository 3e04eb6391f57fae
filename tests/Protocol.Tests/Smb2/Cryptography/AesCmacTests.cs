using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2.Cryptography;

/// <summary>The vectors of RFC 4493, section 4, and the two ways to compute against each other.</summary>
public sealed class AesCmacTests
{
    private const string Message =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";

    private static readonly byte[] Key = Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c");

    [TestCase(0, "bb1d6929e95937287fa37d129b756746")]
    [TestCase(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [TestCase(40, "dfa66747de9ae63030ca32611497c827")]
    [TestCase(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void The_vectors_of_the_specification_come_out(int bytes, string tag)
    {
        foreach (var instructions in Ways())
        {
            using var cmac = new AesCmac(Key, instructions);
            var computed = new byte[AesCmac.TagBytes];
            cmac.Compute(Convert.FromHexString(Message).AsSpan(0, bytes), computed);
            Assert.That(Convert.ToHexStringLower(computed), Is.EqualTo(tag), $"with instructions: {instructions}");
        }
    }

    [Test]
    public void Both_ways_agree_on_every_length_and_split()
    {
        var message = new byte[9000];
        new Random(1).NextBytes(message);
        using var framework = new AesCmac(Key, useInstructions: false);
        using var chosen = new AesCmac(Key);
        Span<byte> one = stackalloc byte[AesCmac.TagBytes];
        Span<byte> two = stackalloc byte[AesCmac.TagBytes];
        foreach (var length in Enumerable.Range(0, 70).Concat([4095, 4096, 4097, 8192, 9000]))
        {
            framework.Compute(message.AsSpan(0, length), one);
            chosen.Compute(message.AsSpan(0, length), two);
            Assert.That(two.SequenceEqual(one), $"{length} bytes");

            var head = length / 2 / 16 * 16;
            chosen.Compute(message.AsSpan(0, head), message.AsSpan(head, length - head), two);
            Assert.That(two.SequenceEqual(one), $"{length} bytes in two parts");
        }
    }

    [Test]
    [Explicit("a measurement")]
    public void Speed()
    {
        var message = new byte[1 << 20];
        using var cmac = new AesCmac(Key);
        var tag = new byte[AesCmac.TagBytes];
        for (var i = 0; i < 200; i++) cmac.Compute(message, tag);

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++) cmac.Compute(message, tag);
        TestContext.Out.WriteLine($"{1000 / watch.Elapsed.TotalSeconds * 1.048576:F0} MB/s");
    }

    private static IEnumerable<bool> Ways() => Aes.IsSupported ? [false, true] : [false];
}
