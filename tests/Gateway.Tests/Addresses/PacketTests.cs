using System.Net;
using Gateway.Addresses;

namespace Gateway.Tests.Addresses;

/// <summary>What neighbours and clients are told, byte by byte.</summary>
public sealed class PacketTests
{
    private static readonly byte[] Hardware = Convert.FromHexString("A241FB4701A5");

    [TestCase(false, "0001" + "0800" + "06" + "04" + "0001" + "A241FB4701A5" + "0A000032" + "000000000000" + "0A000032")]
    [TestCase(true, "0001" + "0800" + "06" + "04" + "0002" + "A241FB4701A5" + "0A000032" + "A241FB4701A5" + "0A000032")]
    public void Gratuitous_ARP_is_about_the_sender_itself(bool isReply, string expected) =>
        Assert.That(Convert.ToHexString(NeighbourAnnouncement.Arp(IPAddress.Parse("10.0.0.50"), Hardware, isReply)), Is.EqualTo(expected));

    [Test]
    public void A_neighbour_advertisement_overrides_and_has_a_good_checksum()
    {
        var packet = NeighbourAnnouncement.Advertisement(IPAddress.Parse("fd00::50"), Hardware);
        var own = "FD000000000000000000000000000050";
        Assert.That(Convert.ToHexString(packet[..40]), Is.EqualTo("60000000" + "0020" + "3A" + "FF" + own + "FF020000000000000000000000000001"));
        Assert.That(Convert.ToHexString(packet[40..42]), Is.EqualTo("8800"));
        Assert.That(Convert.ToHexString(packet[44..]), Is.EqualTo("20000000" + own + "0201" + "A241FB4701A5"));
        Assert.That(SumOf(IPAddress.Parse("fd00::50"), IPAddress.Parse("ff02::1"), 58, packet[40..]), Is.EqualTo(0xFFFF));
    }

    [Test]
    public void A_tickle_is_an_acknowledgement_from_the_service()
    {
        var segment = TickleAck.Segment(Connection("10.0.0.50", "10.0.0.9"));
        Assert.That(Convert.ToHexString(segment[..20]), Is.EqualTo("45000028" + "00004000" + "4006" + "0000" + "0A000032" + "0A000009"));
        Assert.That(Convert.ToHexString(segment[20..36]), Is.EqualTo("0801" + "02BC" + "00000000" + "00000000" + "5010" + "0400"));
        Assert.That(SumOf(IPAddress.Parse("10.0.0.50"), IPAddress.Parse("10.0.0.9"), 6, segment[20..]), Is.EqualTo(0xFFFF));
    }

    [Test]
    public void A_tickle_over_IPv6_has_a_head_of_40_bytes()
    {
        var segment = TickleAck.Segment(Connection("fd00::50", "fd00::9"));
        Assert.That(Convert.ToHexString(segment[..8]), Is.EqualTo("60000000" + "0014" + "06" + "40"));
        Assert.That(segment, Has.Length.EqualTo(60));
        Assert.That(SumOf(IPAddress.Parse("fd00::50"), IPAddress.Parse("fd00::9"), 6, segment[40..]), Is.EqualTo(0xFFFF));
    }

    [TestCase("10.0.0.50", "10.0.0.9")]
    [TestCase("fd00::50", "fd00::9")]
    public void A_connection_is_a_name_of_36_bytes(string service, string client)
    {
        var connection = Connection(service, client);
        Assert.That(connection.Write(), Has.Length.EqualTo(36));
        Assert.That(ClientConnection.Read(connection.Write()), Is.EqualTo(connection));
    }

    private static ClientConnection Connection(string service, string client) =>
        new(new IPEndPoint(IPAddress.Parse(service), 2049), new IPEndPoint(IPAddress.Parse(client), 700));

    // RFC 1071: with its checksum in it, everything sums up to ones.
    private static int SumOf(IPAddress source, IPAddress destination, int protocol, byte[] message)
    {
        byte[] all = [.. source.GetAddressBytes(), .. destination.GetAddressBytes(), 0, (byte)protocol, 0, (byte)message.Length, .. message];
        var sum = 0;
        for (var at = 0; at < all.Length; at += 2) sum += all[at] << 8 | all[at + 1];
        while (sum > 0xFFFF) sum = (sum & 0xFFFF) + (sum >> 16);
        return sum;
    }
}
