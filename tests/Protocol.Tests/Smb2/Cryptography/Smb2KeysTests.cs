using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2.Cryptography;

/// <summary>The derivations published with "SMB 2 and SMB 3 security in Windows 10"; their key names are the client's.</summary>
public sealed class Smb2KeysTests
{
    private static readonly byte[] Hash = Convert.FromHexString(
        "0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB7928622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01");

    [Test]
    public void Dialect_300_derives_the_published_keys()
    {
        var keys = Smb2Keys.Derive(
            Smb2Dialect.Smb300, Convert.FromHexString("7CD451825D0450D235424E44BA6E78CC"), default, Smb2CipherId.Aes128Ccm);
        Assert.Multiple(() =>
        {
            Assert.That(Convert.ToHexString(keys.Signing), Is.EqualTo("0B7E9C5CAC36C0F6EA9AB275298CEDCE"));
            Assert.That(Convert.ToHexString(keys.Decryption!), Is.EqualTo("FAD27796665B313EBB578F388632B4F7"));
            Assert.That(Convert.ToHexString(keys.Encryption!), Is.EqualTo("B0F0427F7CEB416D1D9DCC0CD4F99447"));
            Assert.That(Convert.ToHexString(keys.Application), Is.EqualTo("BB23A4575AA26C721AF525AF15A87B4F"));
        });
    }

    [Test]
    public void Dialect_311_derives_the_published_keys()
    {
        var keys = Smb2Keys.Derive(
            Smb2Dialect.Smb311, Convert.FromHexString("270E1BA896585EEB7AF3472D3B4C75A7"), Hash, Smb2CipherId.Aes128Gcm);
        Assert.Multiple(() =>
        {
            Assert.That(Convert.ToHexString(keys.Signing), Is.EqualTo("73FE7A9A77BEF0BDE49C650D8CCB5F76"));
            Assert.That(Convert.ToHexString(keys.Decryption!), Is.EqualTo("629BCBC54422A0F572B97F45989B6073"));
            Assert.That(Convert.ToHexString(keys.Encryption!), Is.EqualTo("E2AF0DCEFAC68DA71A0DFBD0D1350D74"));
            Assert.That(Convert.ToHexString(keys.Application), Is.EqualTo("6D7AD7954E9EC61E907B4D473DC178FF"));
        });
    }

    [Test]
    public void Short_session_keys_are_padded_and_long_ones_cut()
    {
        var padded = new byte[16];
        padded[0] = 7;
        var keys = Smb2Keys.Derive(Smb2Dialect.Smb210, [7], default, Smb2CipherId.None);
        Assert.That(keys.Signing, Is.EqualTo(padded));

        var longKey = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        keys = Smb2Keys.Derive(Smb2Dialect.Smb202, longKey, default, Smb2CipherId.None);
        Assert.That(keys.Signing, Is.EqualTo(longKey[..16]));
        Assert.That(keys.Encryption, Is.Null);
    }

    [Test]
    public void Ciphers_of_256_bits_take_the_whole_session_key()
    {
        var longKey = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        var keys = Smb2Keys.Derive(Smb2Dialect.Smb311, longKey, Hash, Smb2CipherId.Aes256Gcm);
        var cut = Smb2Keys.Derive(Smb2Dialect.Smb311, longKey.AsSpan(0, 16), Hash, Smb2CipherId.Aes256Gcm);
        Assert.Multiple(() =>
        {
            Assert.That(keys.Encryption, Has.Length.EqualTo(32));
            Assert.That(keys.Signing, Is.EqualTo(cut.Signing));
            Assert.That(keys.Encryption, Is.Not.EqualTo(cut.Encryption));
        });
    }
}
