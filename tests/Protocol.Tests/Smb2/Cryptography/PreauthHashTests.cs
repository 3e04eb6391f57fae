using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2.Cryptography;

public sealed class PreauthHashTests
{
    // The NEGOTIATE request of the published 3.1.1 exchange.
    private const string NegotiateRequest =
        "FE534D4240000100000000000000800000000000000000000100000000000000FFFE000000000000000000000000000000000000000000000000000000000000"
        + "24000500000000003F000000ECD86F326276024F9F7752B89BB33F3A70000000020000000202100200030203110300000100260000000000010020000100FA49"
        + "E6578F1F3A9F4CD3E9CC14A67AA884B3D05844E0E5A118225C15887F32FF00000200060000000000020002000100";

    [Test]
    public void The_published_value_comes_out()
    {
        var hash = new PreauthHash();
        var copy = hash.Copy();
        hash.Append(Convert.FromHexString(NegotiateRequest));
        Assert.That(Convert.ToHexString(hash.Value), Is.EqualTo(
            "DD94EFC5321BB618A2E208BA8920D2F422992526947A409B5037DE1E0FE8C7362B8C47122594CDE0CE26AA9DFC8BCDBDE0621957672623351A7540F1E54A0426"));
        Assert.That(copy.Value.ToArray(), Is.All.Zero);
    }
}
