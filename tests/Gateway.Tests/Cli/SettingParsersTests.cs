using System.Net;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class SettingParsersTests
{
    [TestCase("1", ExpectedResult = true)]
    [TestCase("65535", ExpectedResult = true)]
    [TestCase("0", ExpectedResult = false)]
    [TestCase("65536", ExpectedResult = false)]
    [TestCase("-1", ExpectedResult = false)]
    [TestCase("+80", ExpectedResult = false)]
    [TestCase("80 ", ExpectedResult = false)]
    [TestCase("http", ExpectedResult = false)]
    public bool A_port_is_a_number_from_1_to_65535(string text) => SettingParsers.Port(text, out _);

    [TestCase("1", ExpectedResult = true)]
    [TestCase("3", ExpectedResult = true)]
    [TestCase("5", ExpectedResult = true)]
    [TestCase("2", ExpectedResult = false)]
    [TestCase("9", ExpectedResult = false)]
    [TestCase("0", ExpectedResult = false)]
    public bool Nodes_are_an_odd_number(string text) => SettingParsers.NodeCount(text, out _);

    [Test]
    public void Node_addresses_are_read_in_order()
    {
        Assert.That(SettingParsers.Nodes("a=127.0.0.1:7001, b=[::1]:7002,c=10.0.0.3:7003", out var nodes), Is.True);
        Assert.That(nodes, Is.EqualTo(new[]
        {
            new NodeEndPoint("a", new IPEndPoint(IPAddress.Loopback, 7001)),
            new NodeEndPoint("b", new IPEndPoint(IPAddress.IPv6Loopback, 7002)),
            new NodeEndPoint("c", IPEndPoint.Parse("10.0.0.3:7003")),
        }));
    }

    [Test]
    public void A_node_is_a_witness_where_its_address_says_so()
    {
        Assert.That(SettingParsers.Nodes("a=127.0.0.1:7001,b=127.0.0.1:7002, w=[::1]:7003/witness", out var nodes), Is.True);
        Assert.That(nodes, Is.EqualTo(new[]
        {
            new NodeEndPoint("a", new IPEndPoint(IPAddress.Loopback, 7001)),
            new NodeEndPoint("b", new IPEndPoint(IPAddress.Loopback, 7002)),
            new NodeEndPoint("w", new IPEndPoint(IPAddress.IPv6Loopback, 7003), Witness: true),
        }));
    }

    [TestCase("a=127.0.0.1:7001/")]
    [TestCase("a=127.0.0.1:7001/Witness")]
    [TestCase("a=127.0.0.1:7001/witness/witness")]
    [TestCase("a=127.0.0.1/witness")]
    [TestCase("a=/witness")]
    [TestCase("a/witness")]
    [TestCase("/witness=")]
    [TestCase("a=127.0.0.1:7001/witness,b=127.0.0.1:7001")]
    [TestCase("")]
    [TestCase("a")]
    [TestCase("=127.0.0.1:7001")]
    [TestCase("a=127.0.0.1")]
    [TestCase("a=host:7001")]
    [TestCase("a=127.0.0.1:7001,a=127.0.0.1:7002")]
    [TestCase("a=127.0.0.1:7001,b=127.0.0.1:7001")]
    [TestCase("a=127.0.0.1:7001,")]
    [TestCase("../x=127.0.0.1:7001")]
    public void Node_addresses_that_are_wrong_are_refused(string text) =>
        Assert.That(SettingParsers.Nodes(text, out _), Is.False);
}
