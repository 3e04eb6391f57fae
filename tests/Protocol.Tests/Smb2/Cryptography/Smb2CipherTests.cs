using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2.Cryptography;

public sealed class Smb2CipherTests
{
    // Sealed by Windows: the WRITE request and response published in "Encryption in SMB 3.0: A protocol perspective"
    // (CCM), and their counterparts for 3.1.1 (GCM).
    private const string WriteCcm =
        "FD534D4281A286535415445DAE393921E44FA42E66E69A111892584FB5ED524A744DA3EE87000000000001001100001400E4080025C8FEE16605A437832D1CD5"
        + "2DA9F4645333482A175FE5384563F45FCDAFAEF38BC62BA4D5C62897996625A44C29BE5658DE2E6117585779E7B59FFD971278D08580D7FA899E410E910EABF5"
        + "AA1DB43050B33B49182637759AC15D84BFCDF5B6B238993C0F4CF4D6012023F6C627297075D84B7803912D0A9639634453595EF3E33FFE4E7AC2AB";

    private const string WriteCcmOpened =
        "FE534D4240000100000000000900400008000000000000000400000000000000FFFE0000010000001100001400E4080000000000000000000000000000000000"
        + "310070001700000000000000000000001501000039000002010000003902000000000000000000007000000000000000536D623320656E6372797074696F6E20"
        + "74657374696E67";

    private const string ResponseGcm =
        "FD534D42ACBE1CB7ED343ADF1725EF144D90D4B0E06831DD2E8EB7B400000000000000005000000000000100250000000010000026BBBF949983A6C1C796559D"
        + "0F2C510CB651D1F7B6AC8DED32A2A0B8F2D793A815C6F6B848D69767A215841A42D400AE6DDB5F0B44173A014973321FDD7950DA6179159B82E03C9E18A050FF"
        + "0EA1C967";

    private const string ResponseGcmOpened =
        "FE534D4240000100000000000900010001000000000000000500000000000000FFFE000001000000250000000010000000000000000000000000000000000000"
        + "11000000170000000000000000000000";

    [Test]
    public void What_Windows_sealed_with_ccm_is_opened()
    {
        using var cipher = new Smb2Cipher(Smb2CipherId.Aes128Ccm, Convert.FromHexString("261B72350558F2E9DCF613070383EDBF"));
        var frame = Convert.FromHexString(WriteCcm);
        Assert.That(cipher.TryOpen(frame));
        Assert.That(Convert.ToHexString(frame.AsSpan(Smb2Cipher.HeaderBytes)), Is.EqualTo(WriteCcmOpened));
    }

    [Test]
    public void What_Windows_sealed_with_gcm_is_opened()
    {
        using var cipher = new Smb2Cipher(Smb2CipherId.Aes128Gcm, Convert.FromHexString("748C50868C90F302962A5C35F5F9A8BF"));
        var frame = Convert.FromHexString(ResponseGcm);
        Assert.That(cipher.TryOpen(frame));
        Assert.That(Convert.ToHexString(frame.AsSpan(Smb2Cipher.HeaderBytes)), Is.EqualTo(ResponseGcmOpened));
    }

    [TestCase(Smb2CipherId.Aes128Ccm)]
    [TestCase(Smb2CipherId.Aes128Gcm)]
    [TestCase(Smb2CipherId.Aes256Ccm)]
    [TestCase(Smb2CipherId.Aes256Gcm)]
    public void A_sealed_frame_opens_unless_anything_was_changed(Smb2CipherId id)
    {
        var key = new byte[Smb2Cipher.KeyBytes(id)];
        key[3] = 9;
        using var sender = new Smb2Cipher(id, key);
        using var receiver = new Smb2Cipher(id, key);
        var sealedFrame = Sealed(sender, 200);

        var opened = sealedFrame.ToArray();
        Assert.That(receiver.TryOpen(opened));
        Assert.That(opened.AsSpan(Smb2Cipher.HeaderBytes).ToArray(), Is.EqualTo(Plain(200)));

        for (var i = 0; i < sealedFrame.Length; i++)
        {
            // The bytes of the nonce field that the nonce does not take are authenticated too.
            var changed = sealedFrame.ToArray();
            changed[i] ^= 1;
            Assert.That(receiver.TryOpen(changed), Is.False, $"byte {i}");
            Assert.That(receiver.TryOpen(sealedFrame.AsSpan(0, i).ToArray()), Is.False, $"cut at {i}");
        }
    }

    [Test]
    public void No_nonce_is_used_twice_by_many_threads()
    {
        using var cipher = new Smb2Cipher(Smb2CipherId.Aes128Gcm, new byte[16]);
        using var other = new Smb2Cipher(Smb2CipherId.Aes128Gcm, new byte[16]);
        var nonces = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        var wrong = 0;
        Parallel.For(0, 500, i =>
        {
            var frame = Sealed(cipher, i);
            if (!nonces.TryAdd(Convert.ToHexString(frame.AsSpan(20, 16)), true) || !other.TryOpen(frame)) Interlocked.Increment(ref wrong);
        });
        Assert.That(wrong, Is.Zero);
    }

    private static byte[] Sealed(Smb2Cipher cipher, int bytes)
    {
        var frame = new byte[Smb2Cipher.HeaderBytes + bytes];
        Plain(bytes).CopyTo(frame.AsSpan(Smb2Cipher.HeaderBytes));
        cipher.Seal(frame, sessionId: 0x1122334455667788);
        return frame;
    }

    private static byte[] Plain(int bytes) => [.. Enumerable.Range(0, bytes).Select(i => unchecked((byte)i))];
}
