using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Spnego;
using Gateway.Protocol.Tests.Ntlm;

namespace Gateway.Protocol.Tests.Spnego;

public sealed class SpnegoTests
{
    // Kerberos twice and then NTLM, with a token of the first: what a client of a domain opens with.
    private static readonly byte[] KerberosFirst = Convert.FromHexString(
        "603d06062b0601050502a0333031a024302206092a864882f712010202" + "06092a864886f712010202" + "060a2b06010401823702020a"
        + "a2090407" + "01020304050607");

    [Test]
    public void A_client_that_likes_ntlm_best()
    {
        Assert.That(SpnegoInit.TryParse(PublishedExchange.Init, out var init));
        Assert.That(init.OffersNtlm && init.PrefersNtlm);
        Assert.That(NtlmMessage.IsNtlm(init.MechanismToken));
        Assert.That(Convert.ToHexString(init.MechanismList), Is.EqualTo("300C060A2B06010401823702020A"));
    }

    [Test]
    public void A_client_that_likes_kerberos_better()
    {
        Assert.That(SpnegoInit.TryParse(KerberosFirst, out var init));
        Assert.That(init.OffersNtlm);
        Assert.That(init.PrefersNtlm, Is.False);
        Assert.That(init.MechanismToken.Length, Is.EqualTo(7));
    }

    [Test]
    public void Responses_are_written_as_Windows_writes_them()
    {
        _ = SpnegoResponse.TryParse(PublishedExchange.ChallengeResponse, out var challenge);
        _ = SpnegoResponse.TryParse(PublishedExchange.FinalResponse, out var final);
        Assert.That(
            SpnegoWriter.Response(SpnegoState.AcceptIncomplete, namesNtlm: true, challenge.ResponseToken, default),
            Is.EqualTo(PublishedExchange.ChallengeResponse));
        Assert.That(
            SpnegoWriter.Response(SpnegoState.AcceptCompleted, namesNtlm: false, default, final.MechanismListMic),
            Is.EqualTo(PublishedExchange.FinalResponse));
        Assert.That(challenge.State, Is.EqualTo(SpnegoState.AcceptIncomplete));
        Assert.That(final.State, Is.EqualTo(SpnegoState.AcceptCompleted));
    }

    [Test]
    public void The_hints_can_be_parsed_as_an_offer()
    {
        Assert.That(SpnegoInit.TryParse(SpnegoWriter.NegotiateHints(), out var init));
        Assert.That(init.PrefersNtlm);
        Assert.That(init.MechanismToken.IsEmpty);
    }

    [Test]
    public void Everything_cut_or_prolonged_is_refused()
    {
        foreach (var token in new[] { PublishedExchange.Init, KerberosFirst, SpnegoWriter.NegotiateHints() })
        {
            for (var length = 0; length < token.Length; length++)
                Assert.That(SpnegoInit.TryParse(token.AsSpan(0, length), out _), Is.False, $"cut at {length}");
            Assert.That(SpnegoInit.TryParse([.. token, 0], out _), Is.False);
        }

        foreach (var token in new[] { PublishedExchange.ChallengeResponse, PublishedExchange.AuthenticateResponse })
        {
            for (var length = 0; length < token.Length; length++)
                Assert.That(SpnegoResponse.TryParse(token.AsSpan(0, length), out _), Is.False, $"cut at {length}");
            Assert.That(SpnegoResponse.TryParse([.. token, 0], out _), Is.False);
        }
    }

    [Test]
    public void A_list_without_end_is_refused()
    {
        var many = string.Concat(Enumerable.Repeat("06012a", 33));
        Assert.That(SpnegoInit.TryParse(Init(many), out _), Is.False);
        Assert.That(SpnegoInit.TryParse(Init(many[..^6]), out _), Is.True);

        static byte[] Init(string list)
        {
            var inner = Wrap("a0", Wrap("a0", Wrap("30", list)) is var fields ? Wrap("30", fields) : "");
            return Convert.FromHexString(Wrap("60", "06062b0601050502" + inner));
        }

        static string Wrap(string tag, string content) =>
            content.Length / 2 < 128 ? $"{tag}{content.Length / 2:x2}{content}" : $"{tag}81{content.Length / 2:x2}{content}";
    }
}
