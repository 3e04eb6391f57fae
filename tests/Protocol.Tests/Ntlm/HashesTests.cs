using System.Text;
using Gateway.Protocol.Ntlm;

namespace Gateway.Protocol.Tests.Ntlm;

/// <summary>MD4 by RFC 1320, RC4 by RFC 6229.</summary>
public sealed class HashesTests
{
    [TestCase("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [TestCase("a", "bde52cb31de33e46245e05fbdbd6fb24")]
    [TestCase("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [TestCase("message digest", "d9130a8164549fe818874806e1c7014b")]
    [TestCase("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9")]
    [TestCase("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4")]
    [TestCase("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void Md4(string text, string expected)
    {
        var hash = new byte[Gateway.Protocol.Ntlm.Md4.HashBytes];
        Gateway.Protocol.Ntlm.Md4.HashData(Encoding.ASCII.GetBytes(text), hash);
        Assert.That(Convert.ToHexStringLower(hash), Is.EqualTo(expected));
    }

    [TestCase("0102030405", "b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919")]
    [TestCase("0102030405060708090a0b0c0d0e0f10", "9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c")]
    public void Rc4_goes_on_in_its_key_stream(string key, string expected)
    {
        var rc4 = new Rc4(Convert.FromHexString(key));
        var output = new byte[32];
        rc4.Transform(new byte[10], output);
        rc4.Transform(new byte[22], output.AsSpan(10));
        Assert.That(Convert.ToHexStringLower(output), Is.EqualTo(expected));
    }
}
