using Gateway.Replication.Links.Tls;

namespace Gateway.Replication.Tests.Links.Tls;

public sealed class LinkIdentityTests
{
    private const string Cluster = "8d9c0b1a-0000-4000-8000-00000000c1a5";

    [TestCase("nasgate:" + Cluster + "/node/n1", LinkRole.Node, "n1")]
    [TestCase("nasgate:" + Cluster + "/gateway/GW-1.a_b", LinkRole.Gateway, "GW-1.a_b")]
    [TestCase("nasgate:" + Cluster + "/authority/00ff", LinkRole.Authority, "00ff")]
    [TestCase("nasgate:" + Cluster + "/node/..", LinkRole.Node, "..")]
    public void Text_is_read_as_it_is_written(string text, LinkRole role, string name)
    {
        var identity = LinkIdentity.TryParse(text);
        Assert.That(identity, Is.EqualTo(new LinkIdentity(Guid.Parse(Cluster), role, name)));
        Assert.That(identity!.ToString(), Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase("nasgate:")]
    [TestCase("spiffe:" + Cluster + "/node/n1")]
    [TestCase("nasgate:" + Cluster + "/node/")]
    [TestCase("nasgate:" + Cluster + "/node/n1/")]
    [TestCase("nasgate:" + Cluster + "/node/n 1")]
    [TestCase("nasgate:" + Cluster + "/Node/n1")]
    [TestCase("nasgate:" + Cluster + "/1/n1")]
    [TestCase("nasgate:" + Cluster + "//node/n1")]
    [TestCase("nasgate:{" + Cluster + "}/node/n1")]
    [TestCase("nasgate:" + Cluster + "/node/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn")]
    public void Anything_else_is_nobody(string text) => Assert.That(LinkIdentity.TryParse(text), Is.Null);
}
