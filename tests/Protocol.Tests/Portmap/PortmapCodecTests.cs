using System.Net;
using Gateway.Protocol.Portmap;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Portmap;

[TestFixture]
internal sealed class PortmapCodecTests
{
    private const string MappingHex = "000186A3" + "00000003" + "00000006" + "00000801";

    // GETADDR of NFS 3 over tcp, as libtirpc sends it: empty address, owner as a decimal uid.
    private const string RpcbindHex =
        "000186A3" + "00000003" + "00000003" + "74637000" + "00000000" + "00000001" + "30000000";

    [Test]
    public void Mapping_golden_bytes()
    {
        var mapping = new PortmapMapping(100003, 3, TransportProtocol.Tcp, 2049);
        using var writer = new XdrWriter();
        mapping.Write(writer);

        Assert.That(Convert.ToHexString(writer.WrittenSpan), Is.EqualTo(MappingHex));
        Assert.That(PortmapMapping.TryParse(writer.WrittenSpan, out var parsed));
        Assert.That(parsed, Is.EqualTo(mapping));
    }

    [Test]
    public void Rpcbind_golden_bytes()
    {
        var mapping = new RpcbindMapping(100003, 3, "tcp", "", "0");
        using var writer = new XdrWriter();
        mapping.Write(writer);

        Assert.That(Convert.ToHexString(writer.WrittenSpan), Is.EqualTo(RpcbindHex));
        Assert.That(RpcbindMapping.TryParse(writer.WrittenSpan, out var parsed));
        Assert.That(parsed, Is.EqualTo(mapping));
    }

    [Test]
    public void Truncated_or_longer_arguments_are_refused()
    {
        foreach (var whole in new[] { Convert.FromHexString(MappingHex), Convert.FromHexString(RpcbindHex) })
        {
            for (var length = 0; length < whole.Length; length++)
            {
                Assert.That(PortmapMapping.TryParse(whole.AsSpan(0, length), out _), Is.EqualTo(length == 16));
                Assert.That(RpcbindMapping.TryParse(whole.AsSpan(0, length), out _), Is.False);
            }
        }

        Assert.That(PortmapMapping.TryParse(Convert.FromHexString(MappingHex + "00000000"), out _), Is.False);
    }

    [Test]
    public void Lists_round_trip_and_are_bounded()
    {
        var mappings = Enumerable.Range(1, 5)
            .Select(i => new PortmapMapping((uint)i, 1, TransportProtocol.Udp, 7)).ToList();
        using var writer = new XdrWriter();
        PortmapMapping.WriteList(writer, mappings);
        var parsed = new List<PortmapMapping>();

        Assert.That(PortmapMapping.TryParseList(writer.WrittenSpan, 5, parsed));
        Assert.That(parsed, Is.EqualTo(mappings));
        Assert.That(PortmapMapping.TryParseList(writer.WrittenSpan, 4, []), Is.False);
        Assert.That(PortmapMapping.TryParseList(writer.WrittenSpan[..^4], 5, []), Is.False);
    }

    [TestCase("10.0.0.1", 2049, "10.0.0.1.8.1")]
    [TestCase("0.0.0.0", 111, "0.0.0.0.0.111")]
    [TestCase("::1", 65535, "::1.255.255")]
    public void Universal_addresses(string address, int port, string text)
    {
        Assert.That(UniversalAddress.Format(IPAddress.Parse(address), port), Is.EqualTo(text));
        Assert.That(UniversalAddress.TryParse(text, out var endPoint));
        Assert.That(endPoint, Is.EqualTo(new IPEndPoint(IPAddress.Parse(address), port)));
    }

    [TestCase("")]
    [TestCase(".")]
    [TestCase("1.2")]
    [TestCase("10.0.1.8.1")]
    [TestCase("10.0.0.1.8.256")]
    [TestCase("10.0.0.1.-1.2")]
    [TestCase("10.0.0.1.8.")]
    [TestCase("host.8.1")]
    [TestCase("/run/rpcbind.sock")]
    public void What_is_not_a_universal_address(string text) =>
        Assert.That(UniversalAddress.TryParse(text, out _), Is.False);
}
