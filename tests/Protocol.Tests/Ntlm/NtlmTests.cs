using System.Text;
using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Spnego;

namespace Gateway.Protocol.Tests.Ntlm;

/// <summary>Against the examples of MS-NLMP, 4.2.4, and a log-on between Windows machines.</summary>
public sealed class NtlmTests
{
    private static readonly byte[] ServerChallenge = Convert.FromHexString("0123456789abcdef");

    private static readonly byte[] AuthenticateExample = Convert.FromHexString(
        "4e544c4d535350000300000018001800" + "6c00000054005400840000000c000c00" + "48000000080008005400000010001000"
        + "5c00000010001000d8000000358288e2" + "0501280a0000000f44006f006d006100" + "69006e00550073006500720043004f00"
        + "4d005000550054004500520086c35097" + "ac9cec102554764a57cccc19aaaaaaaa" + "aaaaaaaa68cd0ab851e51c96aabc927b"
        + "ebef6a1c010100000000000000000000" + "00000000aaaaaaaaaaaaaaaa00000000" + "02000c0044006f006d00610069006e00"
        + "01000c00530065007200760065007200" + "0000000000000000c5dad2544fc97990" + "94ce1ce90bc9d03e");

    [Test]
    public void The_example_of_the_specification_verifies()
    {
        Assert.That(NtlmAuthenticate.TryParse(AuthenticateExample, out var message));
        Assert.That(NtlmV2Response.TryParse(message.NtResponse, out var response));
        Assert.That(message.User, Is.EqualTo("User"));
        Assert.That(message.Domain, Is.EqualTo("Domain"));
        Assert.That(response.PromisesMic, Is.False);

        var responseKey = new byte[16];
        NtlmV2.ResponseKey(NtHash.Of("Password"), message.User, message.Domain, responseKey);
        Assert.That(Convert.ToHexStringLower(responseKey), Is.EqualTo("0c868a403bfd7a93a3001ef22ef02e3f"));

        var baseKey = new byte[16];
        Assert.That(NtlmV2.Verify(responseKey, ServerChallenge, response, baseKey));
        Assert.That(Convert.ToHexStringLower(baseKey), Is.EqualTo("8de40ccadbc14a82f15cb0ad0de95ca3"));

        var exported = new byte[16];
        Assert.That(NtlmV2.TryExportKey(message.Flags, baseKey, message.EncryptedSessionKey, exported));
        Assert.That(Convert.ToHexString(exported), Is.EqualTo("55555555555555555555555555555555"));

        responseKey[0] ^= 1;
        Assert.That(NtlmV2.Verify(responseKey, ServerChallenge, response, baseKey), Is.False);
    }

    [Test]
    public void The_example_signature_comes_out()
    {
        // MS-NLMP 4.2.4.4: GSS_WrapEx seals the message first, with the same key stream.
        var plaintext = Encoding.Unicode.GetBytes("Plaintext");
        var flags = NtlmFlags.KeyExchange | NtlmFlags.Negotiate128 | NtlmFlags.ExtendedSessionSecurity;
        var key = Convert.FromHexString("55555555555555555555555555555555");
        var unsealed = NtlmSigner.OfClient(key, flags & ~NtlmFlags.KeyExchange).Sign(plaintext);
        var sealing = new Rc4(Convert.FromHexString("59f600973cc4960a25480a7c196e4c58"));
        var checksum = unsealed.AsSpan(4, 8).ToArray();
        var sealedText = new byte[plaintext.Length];
        sealing.Transform(plaintext, sealedText);
        sealing.Transform(checksum, checksum);
        Assert.That(Convert.ToHexStringLower(sealedText), Is.EqualTo("54e50165bf1936dc996020c1811b0f06fb5f"));
        Assert.That(Convert.ToHexStringLower(checksum), Is.EqualTo("7fb38ec5c55d4976"));
    }

    [Test]
    public void The_mic_and_the_list_signatures_of_Windows_verify()
    {
        _ = SpnegoInit.TryParse(PublishedExchange.Init, out var init);
        _ = SpnegoResponse.TryParse(PublishedExchange.ChallengeResponse, out var challenge);
        _ = SpnegoResponse.TryParse(PublishedExchange.AuthenticateResponse, out var answer);
        Assert.That(NtlmAuthenticate.TryParse(answer.ResponseToken, out var message));
        Assert.That(NtlmV2Response.TryParse(message.NtResponse, out var response));
        Assert.That(message.User, Is.EqualTo("administrator"));
        Assert.That(response.PromisesMic);
        Assert.That(NtlmV2.VerifyMic(
            PublishedExchange.ExportedKey, init.MechanismToken, challenge.ResponseToken, answer.ResponseToken));

        var changed = answer.ResponseToken.ToArray();
        changed[61] ^= 1;
        Assert.That(NtlmV2.VerifyMic(PublishedExchange.ExportedKey, init.MechanismToken, challenge.ResponseToken, changed), Is.False);

        Assert.That(NtlmSigner.OfClient(PublishedExchange.ExportedKey, message.Flags)
            .Verify(init.MechanismList, answer.MechanismListMic));
        Assert.That(SpnegoResponse.TryParse(PublishedExchange.FinalResponse, out var final));
        var signature = NtlmSigner.OfServer(PublishedExchange.ExportedKey, message.Flags).Sign(init.MechanismList);
        Assert.That(signature, Is.EqualTo(final.MechanismListMic.ToArray()));
    }

    [Test]
    public void The_challenge_has_the_flags_that_clients_insist_on()
    {
        _ = SpnegoInit.TryParse(PublishedExchange.Init, out var init);
        Assert.That(NtlmNegotiate.TryParse(init.MechanismToken, out var negotiate));
        var challenge = new NtlmChallenge
        {
            Flags = NtlmChallenge.Answer(negotiate.Flags),
            ServerChallenge = ServerChallenge,
            NetBiosName = "SUT311",
            DnsName = "SUT311",
            Timestamp = BitConverter.ToInt64(Convert.FromHexString("A1A1F5ADCBAED001")),
        };
        var bytes = challenge.ToBytes();
        _ = SpnegoResponse.TryParse(PublishedExchange.ChallengeResponse, out var windows);
        var expected = windows.ResponseToken.ToArray();
        ServerChallenge.CopyTo(expected, 24);
        bytes.AsSpan(48, 8).CopyTo(expected.AsSpan(48));
        Assert.That(Convert.ToHexString(bytes), Is.EqualTo(Convert.ToHexString(expected)), "as Windows, but for its version");
    }

    [Test]
    public void Everything_cut_is_refused()
    {
        _ = SpnegoResponse.TryParse(PublishedExchange.AuthenticateResponse, out var answer);
        _ = SpnegoInit.TryParse(PublishedExchange.Init, out var init);
        var authenticate = answer.ResponseToken;
        _ = NtlmAuthenticate.TryParse(authenticate, out var message);
        for (var length = 0; length < authenticate.Length; length++)
            Assert.That(NtlmAuthenticate.TryParse(authenticate[..length], out _), Is.False, $"AUTHENTICATE of {length}");
        for (var length = 0; length < 16; length++)
            Assert.That(NtlmNegotiate.TryParse(init.MechanismToken[..length], out _), Is.False, $"NEGOTIATE of {length}");

        // Its list of pairs ends eight bytes before the end.
        for (var length = 0; length < message.NtResponse.Length - 8; length++)
            Assert.That(NtlmV2Response.TryParse(message.NtResponse[..length], out _), Is.False, $"response of {length}");
    }

    [Test]
    public void Anonymous_is_told_from_an_empty_name_with_a_response()
    {
        var message = new byte[64];
        NtlmMessage.Signature.CopyTo(message);
        message[8] = 3;
        Assert.That(NtlmAuthenticate.TryParse(message, out var parsed));
        Assert.That(parsed.IsAnonymous);

        message[12] = 24;
        Assert.That(NtlmAuthenticate.TryParse(message, out parsed));
        Assert.That(parsed.IsAnonymous, Is.False, "an LM response of 24 bytes");
        Assert.That(NtlmV2Response.TryParse(parsed.LmResponse, out _), Is.False, "NTLMv1 and LM have 24 bytes");
    }

    [Test]
    public void Changed_messages_never_throw()
    {
        var random = new Random(7);
        foreach (var seed in new[] { AuthenticateExample, PublishedExchange.AuthenticateResponse, PublishedExchange.Init })
        {
            for (var round = 0; round < 20_000; round++)
            {
                var bytes = seed.ToArray();
                for (var changes = random.Next(1, 4); changes > 0; changes--)
                    bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => random.Next(256) });

                if (NtlmAuthenticate.TryParse(bytes, out var message)) _ = NtlmV2Response.TryParse(message.NtResponse, out _);
                _ = SpnegoInit.TryParse(bytes, out _);
                if (SpnegoResponse.TryParse(bytes, out var response)) _ = NtlmAuthenticate.TryParse(response.ResponseToken, out _);
            }
        }
    }
}
