using System.Net;
using Gateway.Nfs.Exports;

namespace Gateway.Tests.Nfs;

public sealed class AddressRangeTests
{
    [TestCase("*", "203.0.113.9", true)]
    [TestCase("*", "2001:db8::1", true)]
    [TestCase("10.1.2.3", "10.1.2.3", true)]
    [TestCase("10.1.2.3", "10.1.2.4", false)]
    [TestCase("10.0.0.0/8", "10.255.255.255", true)]
    [TestCase("10.0.0.0/8", "11.0.0.0", false)]
    [TestCase("172.16.0.0/12", "172.31.255.1", true)]
    [TestCase("172.16.0.0/12", "172.32.0.1", false)]
    [TestCase("192.168.1.77/24", "192.168.1.5", true)]
    [TestCase("0.0.0.0/0", "8.8.8.8", true)]
    [TestCase("0.0.0.0/0", "::1", false)]
    [TestCase("fd00::/8", "fd12:3456::1", true)]
    [TestCase("fc00::/7", "fe00::1", false)]
    [TestCase("2001:db8::/33", "2001:db8:7fff::1", true)]
    [TestCase("2001:db8::/33", "2001:db8:8000::1", false)]
    [TestCase("::1", "::1", true)]
    [TestCase("::1", "127.0.0.1", false)]
    public void Contains(string range, string address, bool expected)
    {
        Assert.That(AddressRange.TryParse(range, out var parsed));
        Assert.That(parsed!.Contains(IPAddress.Parse(address)), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("files")]
    [TestCase("10.0.0.0/33")]
    [TestCase("10.0.0.0/")]
    [TestCase("10.0.0.0/-1")]
    [TestCase("10.0.0.0/8/8")]
    [TestCase("fd00::/129")]
    [TestCase("**")]
    public void Refuses(string range) => Assert.That(AddressRange.TryParse(range, out _), Is.False);

    [TestCase("192.168.7.7", true)]
    [TestCase("127.0.0.1", true)]
    [TestCase("fe80::1", true)]
    [TestCase("8.8.8.8", false)]
    [TestCase("2001:4860::1", false)]
    public void Nothing_is_exported_to_the_public_by_itself(string address, bool expected)
    {
        var ranges = ExportOptions.Default("files").Clients.Select(client =>
        {
            Assert.That(AddressRange.TryParse(client.Match, out var range));
            return range!;
        });
        Assert.That(ranges.Any(range => range.Contains(IPAddress.Parse(address))), Is.EqualTo(expected));
    }
}
