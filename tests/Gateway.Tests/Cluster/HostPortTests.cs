using System.Net;
using Gateway.Cluster;

namespace Gateway.Tests.Cluster;

public sealed class HostPortTests
{
    [TestCase("10.0.0.1:7001", "10.0.0.1", 7001)]
    [TestCase("[fd00::1]:7001", "fd00::1", 7001)]
    [TestCase("node-0.node.nasgate.svc:7001", "node-0.node.nasgate.svc", 7001)]
    [TestCase("n1:1", "n1", 1)]
    [TestCase("3com.example.org:65535", "3com.example.org", 65535)]
    public void An_address_or_a_name_is_read_and_written_alike(string text, string host, int port)
    {
        Assert.That(HostPort.TryParse(text, out var place), Is.True);
        Assert.That(place, Is.EqualTo(new HostPort(host, port)));
        Assert.That($"{place}", Is.EqualTo(text));
    }

    [TestCase("")]
    [TestCase(":7001")]
    [TestCase("node")]
    [TestCase("node:")]
    [TestCase("node:0")]
    [TestCase("node:65536")]
    [TestCase("node:+7001")]
    [TestCase("no de:7001")]
    [TestCase("fd00::1:7001")]
    [TestCase("[10.0.0.1]:7001")]
    [TestCase("[node]:7001")]
    [TestCase("[]:7001")]
    [TestCase("10.0.0:7001")]
    [TestCase("10.0.0.256:7001")]
    [TestCase("http://node:7001")]
    [TestCase("a/b:7001")]
    public void What_is_neither_is_refused(string text) => Assert.That(HostPort.TryParse(text, out _), Is.False);

    [TestCase("10.0.0.1", "10.0.0.1:2049")]
    [TestCase("10.0.0.1:7001", "10.0.0.1:7001")]
    [TestCase("fd00::1", "[fd00::1]:2049")]
    [TestCase("[fd00::1]", "[fd00::1]:2049")]
    [TestCase("[fd00::1]:7001", "[fd00::1]:7001")]
    [TestCase("gw1.example.org", "gw1.example.org:2049")]
    [TestCase("gw1:7001", "gw1:7001")]
    public void A_port_that_may_be_missing_is_filled_in(string text, string whole)
    {
        Assert.That(HostPort.TryParse(text, 2049, out var place), Is.True);
        Assert.That($"{place}", Is.EqualTo(whole));
    }

    [TestCase("")]
    [TestCase("gw1:")]
    [TestCase("gw1:0")]
    [TestCase("gw1:65536")]
    [TestCase("10.0.1")]
    [TestCase("[10.0.0.1]")]
    [TestCase("http://gw1")]
    public void What_is_neither_is_refused_without_a_port_too(string text) =>
        Assert.That(HostPort.TryParse(text, 2049, out _), Is.False);

    [Test]
    public void The_place_where_something_listens_is_one() => Assert.That(
        $"{new HostPort(new IPEndPoint(IPAddress.IPv6Loopback, 7001))}", Is.EqualTo("[::1]:7001"));
}
