using System.Net;
using Gateway.Addresses;

namespace Gateway.Tests.Addresses;

/// <summary>Messages of rtnetlink against those of iproute2, and what of the kernel's answers is believed.</summary>
public sealed class RouteMessageTests
{
    private static readonly ServiceAddress IPv4 = new(["files"], IPAddress.Parse("10.0.0.50"), 24, "eth0");
    private static readonly ServiceAddress IPv6 = new(["files"], IPAddress.Parse("fd00::50"), 64, "eth0");

    [Test]
    public void An_address_is_put_with_its_lifetime() => Assert.That(
        Convert.ToHexString(RouteMessage.Put(IPv4, device: 3, lifetimeSeconds: 6, sequence: 7)),
        Is.EqualTo(
            "3C000000" + "1400" + "0505" + "07000000" + "00000000"
            + "02" + "18" + "00" + "00" + "03000000"
            + "0800" + "0200" + "0A000032"
            + "0800" + "0100" + "0A000032"
            + "1400" + "0600" + "06000000" + "06000000" + "00000000" + "00000000"));

    [Test]
    public void An_IPv6_address_is_not_probed_for_and_not_preferred() => Assert.That(
        Convert.ToHexString(RouteMessage.Put(IPv6, device: 3, lifetimeSeconds: 6, sequence: 7)),
        Is.EqualTo(
            "54000000" + "1400" + "0505" + "07000000" + "00000000"
            + "0A" + "40" + "02" + "00" + "03000000"
            + "1400" + "0200" + "FD000000000000000000000000000050"
            + "1400" + "0100" + "FD000000000000000000000000000050"
            + "1400" + "0600" + "00000000" + "06000000" + "00000000" + "00000000"));

    [Test]
    public void An_address_is_deleted() => Assert.That(
        Convert.ToHexString(RouteMessage.Delete(IPv4, device: 3, sequence: 7)),
        Is.EqualTo(
            "28000000" + "1500" + "0500" + "07000000" + "00000000" + "02" + "18" + "00" + "00" + "03000000"
            + "0800" + "0200" + "0A000032" + "0800" + "0100" + "0A000032"));

    [Test]
    public void A_device_is_asked_for_by_name() => Assert.That(
        Convert.ToHexString(RouteMessage.AskLink("eth0", sequence: 7)),
        Is.EqualTo("2C000000" + "1200" + "0100" + "07000000" + "00000000" + new string('0', 32) + "0900" + "0300" + "6574683000" + "000000"));

    [TestCase("24000000" + "0200" + "0000" + "07000000" + "00000000" + "00000000", 0)]
    [TestCase("24000000" + "0200" + "0000" + "07000000" + "00000000" + "FFFFFFFF", 1)]
    [TestCase("24000000" + "0200" + "0000" + "07000000" + "00000000" + "9DFFFFFF", 99)]
    public void The_answer_is_an_error_number(string head, int expected)
    {
        Assert.That(RouteMessage.TryReadError(Convert.FromHexString(head + new string('0', 32)), 7, out var errno));
        Assert.That(errno, Is.EqualTo(expected));
    }

    [TestCase("", TestName = "nothing")]
    [TestCase("24000000" + "0200" + "0000" + "07000000" + "00000000", TestName = "cut off")]
    [TestCase("14000000" + "0200" + "0000" + "08000000" + "00000000" + "00000000", TestName = "to another request")]
    [TestCase("14000000" + "0300" + "0000" + "07000000" + "00000000" + "00000000", TestName = "another type")]
    [TestCase("12000000" + "0200" + "0000" + "07000000" + "00000000" + "0000", TestName = "without a number")]
    [TestCase("0F000000" + "0200" + "0000" + "07000000" + "00000000" + "00000000", TestName = "shorter than its head")]
    [TestCase("14000000" + "0200" + "0000" + "07000000" + "00000000" + "01000000", TestName = "positive number")]
    [TestCase("14000000" + "0200" + "0000" + "07000000" + "00000000" + "00000080", TestName = "number out of range")]
    public void What_is_no_answer_is_not_read_as_one(string message) =>
        Assert.That(RouteMessage.TryReadError(Convert.FromHexString(message), 7, out _), Is.False);

    [Test]
    public void A_device_is_read_from_every_answer_that_is_whole_and_from_none_that_is_cut()
    {
        var link = Convert.FromHexString(
            "38000000" + "1000" + "0000" + "07000000" + "00000000"
            + "00000100" + "03000000" + "43100100" + "00000000"
            + "0900" + "0300" + "6574683000" + "000000" + "0A00" + "0100" + "A241FB4701A5");
        link = [.. link, 0, 0];
        Assert.That(RouteMessage.TryReadLink(link, 7, out var device));
        Assert.That(device.Index, Is.EqualTo(3));
        Assert.That(device.HasNeighbours);
        Assert.That(device.HardwareAddress, Is.EqualTo(Convert.FromHexString("A241FB4701A5")));
        for (var length = 0; length < 0x38; length++)
            Assert.That(RouteMessage.TryReadLink(link.AsSpan(0, length), 7, out _), Is.False, $"cut to {length} bytes");
    }

    [TestCase("0300", TestName = "shorter than its head")]
    [TestCase("FF00", TestName = "longer than the message")]
    public void An_attribute_with_an_impossible_length_is_refused(string length)
    {
        var link = Convert.FromHexString(
            "28000000" + "1000" + "0000" + "07000000" + "00000000" + "00000100" + "03000000" + "43100100" + "00000000" + length + "0100" + "00000000");
        Assert.That(RouteMessage.TryReadLink(link, 7, out _), Is.False);
    }
}
