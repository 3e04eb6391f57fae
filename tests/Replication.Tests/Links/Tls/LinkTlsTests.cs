using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>Who is let in over TLS, and who is not.</summary>
public sealed class LinkTlsTests
{
    private static readonly LinkTrust Secret = new(new ClusterSecret(TestCertificates.Cluster, new byte[32]));

    private readonly RecordingLogger<NodeConnectionHandler> _log = new();
    private TestCertificates _certificates = null!;
    private TestCertificates _foreign = null!;

    [SetUp]
    public void SetUp()
    {
        (_certificates, _foreign) = (new TestCertificates(), new TestCertificates());
        _log.Lines.Clear();
    }

    [TearDown]
    public async Task TearDown()
    {
        await _certificates.DisposeAsync();
        await _foreign.DisposeAsync();
    }

    [Test]
    public async Task A_gateway_and_the_node_it_means_open_a_link_without_a_secret()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        Assert.That(
            await OpenAsync(node, "n1", new LinkTrust(_certificates.Open(LinkRole.Gateway, "gw1"))),
            Is.EqualTo(new NodeIdentity("n1", 42)));
    }

    [Test]
    public async Task A_node_with_another_name_is_refused_by_the_gateway()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n2"));
        var refused = await RefusalOfAsync(node, "n1", _certificates.Open(LinkRole.Gateway, "gw1"));
        Assert.That(refused, Does.Contain("/node/n2").And.Contain("not for n1"));
    }

    [Test]
    public async Task A_node_with_a_gateways_certificate_is_refused_by_the_gateway()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Gateway, "n1"));
        Assert.That(await RefusalOfAsync(node, "n1", _certificates.Open(LinkRole.Gateway, "gw1")), Does.StartWith("Certificate"));
    }

    [Test]
    public async Task A_node_of_a_foreign_authority_is_refused_by_the_gateway()
    {
        await using var node = await ListenAsync(_foreign.Open(LinkRole.Node, "n1"));
        Assert.That(await RefusalOfAsync(node, "n1", _certificates.Open(LinkRole.Gateway, "gw1")), Does.Contain("no authority of this cluster"));
    }

    [Test]
    public async Task A_gateway_of_a_foreign_authority_is_refused_by_the_node()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));

        // It believes the node, so that only the node's refusal is left.
        var files = _foreign.Issue(LinkRole.Gateway, "gw1");
        _foreign.Believe(_foreign.Authority, _certificates.Authority);
        await AssertNodeRefusesAsync(node, _foreign.Open(files, LinkRole.Gateway), "no authority of this cluster");
    }

    [Test]
    public async Task A_node_is_no_gateway_to_another_node()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        await AssertNodeRefusesAsync(node, _certificates.Open(LinkRole.Node, "n2"), "not valid: NotValidForUsage");
    }

    [Test]
    public async Task The_name_in_a_certificate_counts_too_when_its_usage_would_do()
    {
        // An authority that signs whatever it is asked to: a node's name with a client's usage.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = IssueByHand(key, new LinkIdentity(TestCertificates.Cluster, LinkRole.Node, "n2"));
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        await AssertRawClientIsRefusedAsync(node, issued, "which is no gateway");
    }

    [Test]
    public async Task A_certificate_of_another_cluster_is_refused_though_the_authority_is_believed()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issued = IssueByHand(key, new LinkIdentity(Guid.Empty, LinkRole.Gateway, "gw1"));
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        await AssertRawClientIsRefusedAsync(node, issued, "it is of another cluster");
    }

    [Test]
    public async Task A_client_without_a_certificate_is_refused()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        await AssertRawClientIsRefusedAsync(node, null, "it has shown none");
    }

    [Test]
    public async Task An_expired_gateway_is_refused_by_the_node()
    {
        var gateway = _certificates.Open(LinkRole.Gateway, "gw1", TimeSpan.FromDays(1));
        var later = new ShiftedTime(TimeSpan.FromDays(2));
        await using var node = await ListenAsync(
            _certificates.Open(_certificates.Issue(LinkRole.Node, "n1"), LinkRole.Node, later));
        await AssertNodeRefusesAsync(node, gateway, "it has expired, at");
    }

    [Test]
    public async Task An_expired_node_is_refused_by_the_gateway()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1", TimeSpan.FromDays(1)));
        var gateway = _certificates.Open(
            _certificates.Issue(LinkRole.Gateway, "gw1"), LinkRole.Gateway, new ShiftedTime(TimeSpan.FromDays(2)));
        Assert.That(await RefusalOfAsync(node, "n1", gateway), Does.Contain("it has expired, at"));
    }

    [Test]
    public async Task A_gateway_in_clear_is_told_that_the_node_wants_TLS()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        Assert.That(
            async () => await OpenAsync(node, "n1", Secret),
            Throws.TypeOf<LinkRefusedException>().With.Property("Reason").EqualTo(LinkRefusal.NotEncrypted));
        await AssertLoggedAsync("NotEncrypted");
    }

    [Test]
    public async Task A_node_in_clear_refuses_TLS()
    {
        await using var node = await NodeListener.StartAsync(new FakeNode("n1"), Secret, logger: _log);
        Assert.That(
            async () => await OpenAsync(node, "n1", new LinkTrust(_certificates.Open(LinkRole.Gateway, "gw1"))),
            Throws.InstanceOf<IOException>());
        await AssertLoggedAsync("Encrypted");
    }

    [Test]
    public async Task A_refusal_is_worth_one_line_also_after_the_link_was_down_for_another_cause()
    {
        await using var node = await ListenAsync(_foreign.Open(LinkRole.Node, "n1"));
        var log = new RecordingLogger<NodeLink>();
        var connector = new LateConnector(new TcpNodeConnector("127.0.0.1", node.Port));
        var options = OptionsOf("n1", node.Port, new LinkTrust(_certificates.Open(LinkRole.Gateway, "gw1"))) with { Connector = connector };
        await using var link = new NodeLink(options, new LinkCounter(), TimeProvider.System, log);
        link.Start();
        await connector.Tried.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(log.Lines.Select(line => line.Level), Is.EqualTo(new[] { LogLevel.Warning, LogLevel.Error }), string.Join(" | ", log.Lines));
        Assert.That(log.Lines.Last().Text, Does.Contain("no authority of this cluster"));
    }

    [Test]
    public async Task An_older_version_of_TLS_is_refused()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        using var client = new TcpClient("127.0.0.1", node.Port);
        await using var ssl = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        Assert.That(
            async () => await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "",
                EnabledSslProtocols = SslProtocols.Tls12,
            }),
            Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_broken_hello_costs_its_connection_and_nothing_else()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        var random = new Random(7);
        for (var round = 0; round < 40; round++)
        {
            // The type and version of a handshake record, then anything, of any length, cut off anywhere.
            var hello = new byte[random.Next(1, 600)];
            random.NextBytes(hello);
            hello[0] = 22;
            if (round % 2 == 0 && hello.Length > 4) (hello[1], hello[2], hello[3], hello[4]) = (3, 1, 1, (byte)round);
            using var client = new TcpClient("127.0.0.1", node.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(hello);

            // Otherwise a short one would be waited for until the handshake's time has passed.
            client.Client.Shutdown(SocketShutdown.Send);
            using var timeout = new CancellationTokenSource(NodeConnectionHandler.HandshakeTimeout * 4);
            await ReadToEndAsync(stream, timeout.Token);
        }

        Assert.That(_log.Lines.Where(line => line.Level >= LogLevel.Error), Is.Empty);
        await OpenAsync(node, "n1", new LinkTrust(_certificates.Open(LinkRole.Gateway, "gw1")));
    }

    [Test]
    public async Task A_peer_that_never_ends_its_handshake_is_closed_in_time()
    {
        await using var node = await ListenAsync(_certificates.Open(LinkRole.Node, "n1"));
        using var silent = new TcpClient("127.0.0.1", node.Port);
        using var half = new TcpClient("127.0.0.1", node.Port);
        await half.GetStream().WriteAsync(new byte[] { 22, 3, 1 });
        using var timeout = new CancellationTokenSource(NodeConnectionHandler.HandshakeTimeout * 4);
        await ReadToEndAsync(silent.GetStream(), timeout.Token);
        await ReadToEndAsync(half.GetStream(), timeout.Token);
    }

    [Test]
    public async Task What_crosses_the_link_cannot_be_read_on_the_way_and_could_without_TLS()
    {
        var pattern = Encoding.ASCII.GetBytes("nobody else is to read this line; ");
        Assert.That(await IsReadableOnTheWayAsync(pattern, Secret, Secret), Is.True, "the relay sees what there is to see");
        Assert.That(
            await IsReadableOnTheWayAsync(
                pattern,
                new LinkTrust(_certificates.Open(LinkRole.Node, "n1")),
                new LinkTrust(_certificates.Open(LinkRole.Gateway, "gw1"))),
            Is.False);
    }

    private static async Task<bool> IsReadableOnTheWayAsync(byte[] pattern, LinkTrust nodeTrust, LinkTrust gatewayTrust)
    {
        var fake = new FakeNode("n1");
        await using var node = await NodeListener.StartAsync(fake, nodeTrust);
        await using var relay = new RecordingRelay(node.Port);
        var events = new LinkCounter();
        await using var link = new NodeLink(OptionsOf("n1", relay.Port, gatewayTrust), events, TimeProvider.System, NullLogger.Instance);
        link.Start();
        await events.UpAsync(1);
        var data = Enumerable.Repeat(pattern, 1000).SelectMany(bytes => bytes).ToArray();
        await LinkWork.WriteAndReadAsync(link, fake, data);
        Assert.That(relay.Bytes.Length, Is.GreaterThan(2 * data.Length - SliceLimits.BlockBytes), "both ways went through the relay");
        return relay.Bytes.AsSpan().IndexOf(pattern) >= 0;
    }

    private Task<NodeListener> ListenAsync(LinkTls tls) =>
        NodeListener.StartAsync(new FakeNode("n1"), new LinkTrust(tls), logger: _log);

    private static NodeLinkOptions OptionsOf(string node, int port, LinkTrust trust) =>
        new() { Node = node, Volume = Guid.Empty, Connector = new TcpNodeConnector("127.0.0.1", port), Trust = trust };

    private static async Task<NodeIdentity> OpenAsync(NodeListener node, string name, LinkTrust trust)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var options = OptionsOf(name, node.Port, trust);
        await using var link = await options.Connector.ConnectAsync(options, timeout.Token);
        return await LinkHandshake.ConnectAsync(link, trust, name, Guid.Empty, timeout.Token);
    }

    private static async Task<string> RefusalOfAsync(NodeListener node, string name, LinkTls gateway)
    {
        try
        {
            await OpenAsync(node, name, new LinkTrust(gateway));
        }
        catch (LinkRefusedException refused) when (refused.Reason == LinkRefusal.Certificate)
        {
            return refused.Cause;
        }

        throw new AssertionException("the node was believed");
    }

    private async Task AssertNodeRefusesAsync(NodeListener node, LinkTls gateway, string cause)
    {
        Assert.That(async () => await OpenAsync(node, "n1", new LinkTrust(gateway)), Throws.InstanceOf<IOException>());
        await AssertLoggedAsync(cause);
    }

    private async Task AssertRawClientIsRefusedAsync(NodeListener node, X509Certificate2? certificate, string cause)
    {
        using var client = new TcpClient("127.0.0.1", node.Port);
        await using var ssl = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        Assert.That(
            async () =>
            {
                await ssl.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "",
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, true),
                });
                await ssl.ReadExactlyAsync(new byte[1]);
            },
            Throws.InstanceOf<AuthenticationException>().Or.InstanceOf<IOException>());
        await AssertLoggedAsync(cause);
    }

    private async Task AssertLoggedAsync(string cause)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!_log.Lines.Any(line => line.Level == LogLevel.Warning && line.Text.Contains(cause, StringComparison.Ordinal)))
        {
            if (timeout.IsCancellationRequested) Assert.Fail($"'{cause}' is not among: {string.Join(" | ", _log.Lines)}");
            await Task.Delay(10);
        }
    }

    private static async Task ReadToEndAsync(NetworkStream stream, CancellationToken cancellation)
    {
        try
        {
            while (await stream.ReadAsync(new byte[1000], cancellation) > 0)
            {
                // An alert, perhaps.
            }
        }
        catch (IOException)
        {
            // Reset: closed all the same.
        }
    }

    /// <summary>Nobody is there at first.</summary>
    private sealed class LateConnector(INodeConnector node) : INodeConnector
    {
        private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _tries;

        /// <summary>Completes with the fifth try.</summary>
        public Task Tried => _tried.Task;

        public string Address => node.Address;

        public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
        {
            var tries = ++_tries;
            if (tries == 5) _tried.TrySetResult();
            return tries == 1 ? throw new IOException("nobody is there") : node.ConnectAsync(link, cancellation);
        }
    }

    private X509Certificate2 IssueByHand(ECDsa key, LinkIdentity identity)
    {
        using var authority = X509Certificate2.CreateFromPem(_certificates.Authority.CertificatePem, _certificates.Authority.ExportKeyPem());
        var request = LinkRequest.OfHolder(identity with { Role = LinkRole.Gateway }, key, authority);
        request.CertificateExtensions.Remove(request.CertificateExtensions.Single(extension => extension.Oid!.Value == "2.5.29.17"));
        request.CertificateExtensions.Add(identity.ToExtension());
        using var issued = request.Create(authority, TestCertificates.Now, TestCertificates.Now.AddDays(1), new byte[] { 1, 2, 3, 4 });
        return issued.CopyWithPrivateKey(key);
    }
}
