using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2.Cryptography;

public sealed class Smb2SignerTests
{
    // The SESSION_SETUP response of the published 3.1.1 exchange.
    private const string SignedMessage =
        "FE534D4240000100000000000100800009000000000000000300000000000000FFFE0000000000001900000000100000EBE146DA120BA25FC3376A49DFE31BC1"
        + "0900000048001D00A11B3019A0030A0100A3120410010000003B453CDC3524164200000000";

    private static readonly byte[] Key = Convert.FromHexString("73FE7A9A77BEF0BDE49C650D8CCB5F76");

    [Test]
    public void The_published_message_verifies_and_signs_the_same()
    {
        using var signer = new Smb2Signer(Smb2SigningAlgorithm.AesCmac, Key);
        var message = Convert.FromHexString(SignedMessage);
        Assert.That(signer.Verify(message));
        Assert.That(Convert.ToHexString(message), Is.EqualTo(SignedMessage), "the signature is put back");

        message.AsSpan(48, 16).Fill(0xAA);
        message[16] = 1;
        signer.Sign(message);
        Assert.That(Convert.ToHexString(message), Is.EqualTo(SignedMessage));
    }

    [TestCase(Smb2SigningAlgorithm.HmacSha256)]
    [TestCase(Smb2SigningAlgorithm.AesCmac)]
    [TestCase(Smb2SigningAlgorithm.AesGmac)]
    public void A_change_of_any_byte_is_noticed(Smb2SigningAlgorithm algorithm)
    {
        using var signer = new Smb2Signer(algorithm, Key);
        var message = Convert.FromHexString(SignedMessage);
        signer.Sign(message);
        Assert.That(signer.Verify(message));
        for (var i = 0; i < message.Length; i++)
        {
            message[i] ^= 0x40;
            Assert.That(signer.Verify(message), Is.False, $"byte {i}");
            message[i] ^= 0x40;
        }
    }

    [Test]
    public void Gmac_signs_a_request_and_its_cancel_with_different_nonces()
    {
        // Three messages equal in all but what the nonce is made of would otherwise leak the authentication key.
        using var signer = new Smb2Signer(Smb2SigningAlgorithm.AesGmac, new byte[16]);
        var request = new byte[64];
        var response = new byte[64];
        response[16] = 1;
        var cancel = new byte[64];
        cancel[12] = 0xC;
        signer.Sign(request);
        signer.Sign(response);
        signer.Sign(cancel);

        // GMAC with nonce N of a message A, computed by the framework.
        Assert.Multiple(() =>
        {
            Assert.That(request.AsSpan(48, 16).ToArray(), Is.EqualTo(Gmac(request, 0)));
            Assert.That(response.AsSpan(48, 16).ToArray(), Is.EqualTo(Gmac(response, 1)));
            Assert.That(cancel.AsSpan(48, 16).ToArray(), Is.EqualTo(Gmac(cancel, 2)));
        });
    }

    [Test]
    public void Many_threads_sign_at_the_same_time()
    {
        foreach (var algorithm in Enum.GetValues<Smb2SigningAlgorithm>())
        {
            using var signer = new Smb2Signer(algorithm, Key);
            var wrong = 0;
            Parallel.For(0, 200, i =>
            {
                var message = new byte[64 + i * 37];
                new Random(i).NextBytes(message);
                signer.Sign(message);
                if (!signer.Verify(message)) Interlocked.Increment(ref wrong);
            });
            Assert.That(wrong, Is.Zero, $"{algorithm}");
        }
    }

    [Test]
    public void What_is_too_short_for_a_header_never_verifies()
    {
        using var signer = new Smb2Signer(Smb2SigningAlgorithm.AesCmac, Key);
        for (var bytes = 0; bytes < 64; bytes++) Assert.That(signer.Verify(new byte[bytes]), Is.False);
    }

    private static byte[] Gmac(byte[] message, byte bits)
    {
        var copy = message.ToArray();
        copy.AsSpan(48, 16).Clear();
        var nonce = new byte[12];
        nonce[8] = bits;
        var tag = new byte[16];
        using var gcm = new System.Security.Cryptography.AesGcm(new byte[16], 16);
        gcm.Encrypt(nonce, default, default(Span<byte>), tag, copy);
        return tag;
    }
}
