using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>Certificates and authorities change while a link is up.</summary>
public sealed class LinkRotationTests
{
    private readonly RecordingLogger<LinkTls> _log = new();
    private TestCertificates _certificates = null!;
    private FakeNode _fake = null!;
    private LinkTls _node = null!;
    private LinkTls _gateway = null!;
    private NodeListener _listener = null!;
    private LinkCounter _counter = null!;
    private NodeLink _link = null!;
    private ShiftedTime _time = null!;

    [SetUp]
    public async Task SetUp()
    {
        _log.Lines.Clear();
        _certificates = new TestCertificates();
        _time = new ShiftedTime(TimeSpan.Zero);
        _node = _certificates.Open(_certificates.Issue(LinkRole.Node, "n1"), LinkRole.Node, _time, _log);
        _gateway = _certificates.Open(_certificates.Issue(LinkRole.Gateway, "gw1"), LinkRole.Gateway, _time, _log);
        _fake = new FakeNode("n1");
        _listener = await NodeListener.StartAsync(_fake, new LinkTrust(_node));
        _counter = new LinkCounter();
        var options = new NodeLinkOptions
        {
            Node = "n1",
            Volume = Guid.Empty,
            Connector = _listener.Connector,
            Trust = new LinkTrust(_gateway),
        };
        _link = new NodeLink(options, _counter, TimeProvider.System, NullLogger.Instance);
        _link.Start();
        await _counter.UpAsync(1);
        await WorkAsync();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _link.DisposeAsync();
        await _listener.DisposeAsync();
        await _node.DisposeAsync();
        await _gateway.DisposeAsync();
        await _certificates.DisposeAsync();
    }

    [Test]
    public async Task A_gateway_knows_when_certificates_end_its_own_and_what_nodes_showed_last()
    {
        Assert.That(_gateway.Term.Identity.Name, Is.EqualTo("gw1"));
        Assert.That(_gateway.Term.Expires, Is.EqualTo(_gateway.Expires));
        Assert.That(_gateway.PeerTerms, Is.EqualTo(new[] { _node.Term }));
        Assert.That(_node.PeerTerms, Is.EqualTo(new[] { _gateway.Term }));

        _certificates.Issue(LinkRole.Node, "n1", TimeSpan.FromDays(50));
        _node.Check();
        _node.Check();
        Assert.That(_gateway.PeerTerms.Single(), Is.Not.EqualTo(_node.Term), "the link that is open has shown the one before");
        await using var second = new NodeLink(
            new NodeLinkOptions
            {
                Node = "n1",
                Volume = Guid.Empty,
                Connector = _listener.Connector,
                Trust = new LinkTrust(_gateway),
            },
            new LinkCounter(),
            TimeProvider.System,
            NullLogger.Instance);
        second.Start();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (_gateway.PeersOpen < 2) await Task.Delay(5, patience.Token);
        Assert.That(_gateway.PeerTerms, Is.EqualTo(new[] { _node.Term }));
    }

    [Test]
    public async Task Renewed_certificates_close_nothing_and_are_what_the_next_link_shows()
    {
        var before = _node.Expires;
        _certificates.Issue(LinkRole.Node, "n1", TimeSpan.FromDays(50));
        _certificates.Issue(LinkRole.Gateway, "gw1", TimeSpan.FromDays(50));
        _node.Check();
        Assert.That(_node.Expires, Is.EqualTo(before), "it may be half copied");
        Renew();
        Assert.That(_node.Expires, Is.LessThan(before));
        await WorkAsync();
        Assert.That(_counter.Ups, Is.EqualTo(1));
        Assert.That(_gateway.PeersOpen, Is.EqualTo(1));
    }

    [Test]
    public async Task The_authority_is_replaced_in_three_steps_while_work_goes_on()
    {
        using var before = _certificates.Authority;
        using var after = LinkAuthority.Make(TestCertificates.Cluster, TestCertificates.Now, TimeSpan.FromDays(100));

        // Both are believed.
        _certificates.Believe(after, before);
        Renew();
        await WorkAsync();

        // One side has a certificate of the new one, then the other.
        _certificates.Authority = after;
        _certificates.Issue(LinkRole.Node, "n1");
        Renew();
        await WorkAsync();
        _certificates.Issue(LinkRole.Gateway, "gw1");
        Renew();
        await WorkAsync();
        Assert.That(_counter.Ups, Is.EqualTo(1), "nothing was closed");

        // The old one goes: the link that it vouched for too, and the next is of the new one.
        _certificates.Believe(after);
        Renew();
        await _counter.UpAsync(2);
        await WorkAsync();
        Assert.That(_log.Lines.Select(line => line.Text), Has.Some.Contains("no longer believed: no authority of this cluster"));
        Assert.That(_log.Lines.Where(line => line.Level == LogLevel.Error), Is.Empty);
        Renew();
        Assert.That(_counter.Ups, Is.EqualTo(2));
    }

    [Test]
    public async Task What_cannot_be_used_is_said_once_and_what_was_read_stays()
    {
        using var stranger = LinkAuthority.Make(TestCertificates.Cluster, TestCertificates.Now, TimeSpan.FromDays(100));
        var files = _certificates.Issue(LinkRole.Node, "n1");
        Action[] breaks =
        [
            () => File.WriteAllText(files.Certificate, "nothing"),
            () => File.WriteAllText(files.Certificate, _certificates.Authority.Issue(
                LinkRole.Node, "n1", TestCertificates.Now, TimeSpan.FromDays(1)).CertificatePem),
            () => _certificates.Write(LinkRole.Node, "n1", _certificates.Authority.Issue(
                LinkRole.Node, "n2", TestCertificates.Now, TimeSpan.FromDays(1))),
            () => _certificates.Write(LinkRole.Node, "n1", stranger.Issue(LinkRole.Node, "n1", TestCertificates.Now, TimeSpan.FromDays(1))),
            () => File.Delete(files.Certificate),
            () => File.WriteAllText(files.Authorities, ""),
            () => File.SetUnixFileMode(files.Key, (UnixFileMode)0b110_100_100),
        ];
        foreach (var breaking in breaks)
        {
            _certificates.Issue(LinkRole.Node, "n1");
            _certificates.Believe(_certificates.Authority);
            Renew();
            _log.Lines.Clear();
            var expires = _node.Expires;
            breaking();
            for (var look = 0; look < 4; look++) _node.Check();
            Assert.That(_log.Lines.Count(line => line.Level == LogLevel.Error), Is.EqualTo(1), string.Join(" | ", _log.Lines));
            Assert.That(_node.Expires, Is.EqualTo(expires));
            await WorkAsync();
        }

        Assert.That(_counter.Ups, Is.EqualTo(1));
    }

    [Test]
    public void A_file_that_cannot_be_read_at_one_look_is_no_trouble_and_at_two_it_is()
    {
        var files = _certificates.Issue(LinkRole.Node, "n1", TimeSpan.FromDays(50));
        var before = _node.Expires;
        _log.Lines.Clear();
        using (new FileStream(files.Key, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) _node.Check();
        Assert.That(_log.Lines, Is.Empty, "it is being copied");
        Renew();
        Assert.That(_node.Expires, Is.LessThan(before));
        Assert.That(_log.Lines.Where(line => line.Level == LogLevel.Error), Is.Empty);

        using (new FileStream(files.Key, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            for (var look = 0; look < 3; look++) _node.Check();
        }

        Assert.That(_log.Lines.Count(line => line.Level == LogLevel.Error), Is.EqualTo(1), string.Join(" | ", _log.Lines));
        Renew();
        _log.Lines.Clear();
        File.Delete(files.Key);
        Renew();
        Assert.That(_log.Lines.Count(line => line.Level == LogLevel.Error), Is.EqualTo(1), string.Join(" | ", _log.Lines));
    }

    [Test]
    public async Task A_link_ends_with_the_certificate_of_its_peer()
    {
        _certificates.Issue(LinkRole.Gateway, "gw1", TimeSpan.FromDays(400));
        _certificates.Issue(LinkRole.Node, "n1", TimeSpan.FromDays(400));
        Renew();
        _time.Shift = TimeSpan.FromDays(91);

        // The link was opened with certificates of 90 days, and the authority lives 100.
        Renew();
        await _counter.UpAsync(2);
        await WorkAsync();
        Assert.That(_log.Lines.Select(line => line.Text), Has.Some.Contains("no longer believed: it has expired"));
    }

    [Test]
    public void The_end_is_announced_once_a_day_in_the_last_third_or_month()
    {
        _log.Lines.Clear();
        _time.Shift = TimeSpan.FromDays(59);
        _node.Check();
        Assert.That(_log.Lines, Is.Empty);
        _time.Shift = TimeSpan.FromDays(61);
        _node.Check();
        _node.Check();
        Assert.That(_log.Lines.Single().Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(_log.Lines.Single().Text, Does.Contain("renew it"));
        _time.Shift = TimeSpan.FromDays(62.5);
        _node.Check();
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
        _time.Shift = TimeSpan.FromDays(95);
        _node.Check();
        Assert.That(_log.Lines.Last(line => line.Text.Contains("has ended", StringComparison.Ordinal)).Level, Is.EqualTo(LogLevel.Error));
    }

    [Test]
    public void A_certificate_that_is_somebody_elses_or_unusable_opens_nothing()
    {
        var node = _certificates.Issue(LinkRole.Node, "n1");
        Assert.That(
            () => LinkTls.Open(node, LinkRole.Gateway, null, null, TimeProvider.System, NullLogger.Instance),
            Throws.TypeOf<CertificateException>().With.Message.Contains("/node/n1"));
        Assert.That(
            () => LinkTls.Open(node, LinkRole.Node, "n2", null, TimeProvider.System, NullLogger.Instance),
            Throws.TypeOf<CertificateException>().With.Message.Contains("/node/n1"));
        Assert.That(
            () => LinkTls.Open(node, LinkRole.Node, "n1", Guid.Empty, TimeProvider.System, NullLogger.Instance),
            Throws.TypeOf<CertificateException>());
        Assert.That(
            () => LinkTls.Open(node with { Key = node.Key + ".none" }, LinkRole.Node, "n1", null, TimeProvider.System, NullLogger.Instance),
            Throws.TypeOf<CertificateException>());
    }

    // A change counts from the second look that finds it the same.
    private void Renew()
    {
        for (var look = 0; look < 2; look++)
        {
            _node.Check();
            _gateway.Check();
        }
    }

    private Task WorkAsync() => LinkWork.WriteAndReadAsync(_link, _fake, new byte[200_000]);
}
