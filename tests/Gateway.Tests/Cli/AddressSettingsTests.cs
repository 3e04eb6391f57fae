using System.Net;
using Gateway.Cli;

namespace Gateway.Tests.Cli;

public sealed class AddressSettingsTests
{
    [Test]
    public void Addresses_have_volumes_a_network_and_a_device()
    {
        Assert.That(AddressSettings.TryParse("files+more=10.0.0.50/24@eth0, files=fd00::50/64@bond0.7", out var addresses));
        Assert.That(addresses, Has.Count.EqualTo(2));
        Assert.That(addresses[0].Volumes, Is.EqualTo(new[] { "files", "more" }));
        Assert.That(addresses[0].Address, Is.EqualTo(IPAddress.Parse("10.0.0.50")));
        Assert.That(addresses[0].PrefixLength, Is.EqualTo(24));
        Assert.That(addresses[0].Device, Is.EqualTo("eth0"));
        Assert.That(addresses[1].IsIPv6);
        Assert.That(addresses[1].Device, Is.EqualTo("bond0.7"));
    }

    [TestCase("")]
    [TestCase("files")]
    [TestCase("files=10.0.0.50/24")]
    [TestCase("files=10.0.0.50@eth0")]
    [TestCase("=10.0.0.50/24@eth0")]
    [TestCase("files+=10.0.0.50/24@eth0")]
    [TestCase("files+files=10.0.0.50/24@eth0")]
    [TestCase("files=10.0.0.50/0@eth0")]
    [TestCase("files=10.0.0.50/33@eth0")]
    [TestCase("files=fd00::50/129@eth0")]
    [TestCase("files=fd00::50/256@eth0")]
    [TestCase("files=10.0.50/24@eth0")]
    [TestCase("files=127.0.0.1/8@lo")]
    [TestCase("files=0.0.0.0/8@eth0")]
    [TestCase("files=239.0.0.1/8@eth0")]
    [TestCase("files=::1/128@lo")]
    [TestCase("files=::ffff:10.0.0.50/96@eth0")]
    [TestCase("files=fe80::1/64@eth0")]
    [TestCase("files=ff02::1/64@eth0")]
    [TestCase("files=10.0.0.50/24@a-name-too-long-")]
    [TestCase("files=10.0.0.50/24@eth0;reboot")]
    [TestCase("files=10.0.0.50/24@eth0\nx")]
    [TestCase("files=10.0.0.50/24@eth0,more=10.0.0.50/24@eth1")]
    public void Anything_else_is_refused(string text) => Assert.That(AddressSettings.TryParse(text, out _), Is.False);
}
