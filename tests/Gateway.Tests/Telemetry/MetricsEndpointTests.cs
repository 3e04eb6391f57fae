using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Gateway.Hosting;
using Gateway.Protocol.Smb2;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Owner;
using Gateway.Replication.Store;
using Gateway.Replication.Tests.Store;
using Gateway.Replication.Wire;
using Gateway.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Telemetry;

/// <summary>What Prometheus would read, over HTTP.</summary>
[NonParallelizable]
public sealed class MetricsEndpointTests
{
    private static readonly Guid Copy = new("6f1d7a35-4fd0-4b8c-bc60-0b6f1f0a6c01");

    private readonly ManualTime _time = new();
    private readonly HttpClient _client = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private MetricsEndpoint? _endpoint;
    private int _port;

    [SetUp]
    public async Task ListenAsync()
    {
        // The port is free when it is asked for; somebody else may take it before it is used.
        while (_endpoint is null)
        {
            _port = FreePort.Find();
            try
            {
                _endpoint = await MetricsEndpoint.ListenAsync(new IPEndPoint(IPAddress.Loopback, _port), NullLoggerFactory.Instance);
            }
            catch (StartException)
            {
                // Taken: another one.
            }
        }
    }

    [TearDown]
    public async Task StopAsync()
    {
        await _endpoint!.DisposeAsync();
        _endpoint = null;
    }

    [OneTimeTearDown]
    public void DisposeAll()
    {
        _client.Dispose();
        _services.Dispose();
    }

    [Test]
    public async Task Requests_are_counted_and_measured_by_procedure_and_command()
    {
        using var metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        metrics.CountersOf("nfs").Count(7);
        metrics.CountersOf("nfs").Count(7);
        metrics.RpcDuration.Record(0.003, new KeyValuePair<string, object?>("rpc.program", "nfs"));
        metrics.SmbRequest(Smb2Command.Create);
        metrics.SmbAnswered(Smb2Command.Create, TimeSpan.FromSeconds(0.2));
        metrics.SmbAnswered((Smb2Command)999, TimeSpan.FromSeconds(0.2));
        metrics.RpcConnectionOpened();
        var read = await ReadAsync();
        Assert.Multiple(() =>
        {
            Assert.That(read.Value("nasgate_rpc_requests_total", "rpc_program=\"nfs\"", "rpc_procedure=\"7\""), Is.EqualTo(2));
            Assert.That(read.Value("nasgate_rpc_request_duration_seconds_bucket", "rpc_program=\"nfs\"", "le=\"0.005\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_rpc_request_duration_seconds_bucket", "rpc_program=\"nfs\"", "le=\"0.0025\""), Is.Zero);
            Assert.That(read.Value("nasgate_smb_requests_total", "smb_command=\"Create\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_smb_request_duration_seconds_count", "smb_command=\"Create\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_smb_request_duration_seconds_count", "smb_command=\"other\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_rpc_connections"), Is.EqualTo(1));
            Assert.That(read.Value("dotnet_process_memory_working_set_bytes"), Is.Positive);
        });
    }

    [Test]
    public async Task A_gateway_that_serves_again_counts_anew_and_once()
    {
        for (var time = 1; time <= 3; time++)
        {
            using var metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
            for (var call = 0; call < time; call++) metrics.CountersOf("nfs").Count(0);
            await UntilAsync(read => read.Value("nasgate_rpc_requests_total", "rpc_program=\"nfs\"") == time);
        }
    }

    [Test]
    public async Task Volumes_are_told_of_by_their_owner()
    {
        using var metrics = new VolumeMetrics(() => [Volume("files", "owner", "serving"), Volume("more", "standby", "tailing")], _time);
        var read = await ReadAsync();
        Assert.Multiple(() =>
        {
            Assert.That(read.Value("nasgate_volume_owned", "volume=\"files\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_volume_serving", "volume=\"files\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_volume_owned", "volume=\"more\""), Is.Zero);
            Assert.That(read.Value("nasgate_volume_behind", "volume=\"more\""), Is.EqualTo(3));
            Assert.That(read.Value("nasgate_volume_available_bytes", "volume=\"files\""), Is.EqualTo(600));
            Assert.That(read.Find("nasgate_volume_available_bytes", "volume=\"more\""), Is.Empty);
            Assert.That(read.Value("nasgate_volume_written_bytes_total", "volume=\"files\""), Is.EqualTo(70));
            Assert.That(read.Value("nasgate_volume_node_up", "volume=\"files\"", "node=\"n1\""), Is.EqualTo(1));
            Assert.That(read.Value("nasgate_volume_node_up", "volume=\"files\"", "node=\"n2\""), Is.Zero);
            Assert.That(read.Value("nasgate_volume_node_owed", "volume=\"files\"", "node=\"n2\""), Is.EqualTo(5));
        });
    }

    [Test]
    public async Task A_node_tells_of_its_copies()
    {
        using var metrics = new NodeMetrics(
            () => [new NodeCopy("n1", Copy, Condition(9)), new NodeCopy("n2", Copy, Condition(8))], _time);
        var read = await ReadAsync();
        var id = $"volume_id=\"{Copy:D}\"";
        Assert.That(read.Value("nasgate_node_copies", id, "node=\"n1\""), Is.EqualTo(1));
        Assert.That(read.Value("nasgate_node_journal_last", id, "node=\"n1\""), Is.EqualTo(9));
        Assert.That(read.Value("nasgate_node_journal_last", id, "node=\"n2\""), Is.EqualTo(8));
        Assert.That(read.Value("nasgate_node_disk_available_bytes", id, "node=\"n2\""), Is.EqualTo(11));
    }

    [Test]
    public async Task A_scrape_reads_the_state_of_volumes_and_copies_once()
    {
        var (volumes, copies) = (0, 0);
        using var volumeMetrics = new VolumeMetrics(
            () =>
            {
                volumes++;
                return [Volume("files", "owner", "serving") with { Epoch = (ulong)volumes }];
            },
            _time);
        using var nodeMetrics = new NodeMetrics(
            () =>
            {
                copies++;
                return [new NodeCopy("n1", Copy, Condition((ulong)copies))];
            },
            _time);
        var first = await ReadAsync();
        Assert.That(first.Find("nasgate_volume_node_up", "node=\"n1\""), Has.Count.EqualTo(1));
        Assert.That((volumes, copies), Is.EqualTo((1, 1)));
        _time.Advance(ScrapeReading<VolumeStatus>.Life);
        await UntilAsync(read => read.Value("nasgate_volume_epoch") == 2);
        Assert.That((volumes, copies), Is.EqualTo((2, 2)));
    }

    [Test]
    public async Task A_certificate_tells_how_long_it_is_valid()
    {
        var identity = new LinkIdentity(Copy, LinkRole.Gateway, "gw1");
        CertificateTerm? shown = null;
        using var metrics = new CertificateMetrics(() => shown, _time);
        Assert.That((await ReadAsync()).Find("nasgate_certificate_expires_seconds"), Is.Empty);
        shown = new CertificateTerm(identity, _time.GetUtcNow(), _time.GetUtcNow() + TimeSpan.FromHours(1));
        await UntilAsync(read => read.Find("nasgate_certificate_expires_seconds", "role=\"gateway\"", "name=\"gw1\"").Count == 1);
        Assert.That((await ReadAsync()).Value("nasgate_certificate_expires_seconds"), Is.EqualTo(3600));
        _time.Advance(TimeSpan.FromHours(2));
        await UntilAsync(read => read.Value("nasgate_certificate_expires_seconds") == -3600);
    }

    [TestCase("/")]
    [TestCase("/api/status")]
    [TestCase("/metrics/x")]
    public async Task Nothing_else_is_there(string path)
    {
        using var response = await _client.GetAsync(new Uri($"http://127.0.0.1:{_port}{path}"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public void A_port_in_use_is_a_clear_start_error() => Assert.That(
        () => MetricsEndpoint.ListenAsync(new IPEndPoint(IPAddress.Loopback, _port), NullLoggerFactory.Instance),
        Throws.TypeOf<StartException>().With.Message.Contains($"{_port}").And.Message.Contains("metrics"));

    // An answer is given again for a third of a second, which bounds what asking costs.
    private async Task UntilAsync(Func<Lines, bool> isRight)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!isRight(await ReadAsync())) await Task.Delay(50, timeout.Token);
    }

    private async Task<Lines> ReadAsync() =>
        new(await _client.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/metrics")));

    private static NodeCondition Condition(ulong last) =>
        new() { Outcome = NodeOutcome.Ok, LastIndex = last, AvailableBytes = 11, FlushMicroseconds = 40 };

    private static VolumeStatus Volume(string name, string role, string state) => new()
    {
        Volume = name,
        Role = role,
        State = state,
        Epoch = 4,
        BehindEntries = 3,
        CommitIndex = 20,
        AppliedIndex = 20,
        CheckpointIndex = 10,
        Rows = 1,
        LeaseRemaining = TimeSpan.FromSeconds(1),
        Space = new StoreSpace(1000, 700, 600),
        WrittenBytes = 70,
        ReadBytes = 0,
        CacheHits = 0,
        CacheMisses = 0,
        HedgedReads = 0,
        HealedSlices = 0,
        HealedBytes = 0,
        OrphansFreed = 0,
        ScrubbedBytes = 0,
        ScrubRounds = 0,
        Nodes = [Node("n1", "up", 0), Node("n2", "down", 5)],
    };

    private static NodeStanding Node(string id, string state, long owed) => new()
    {
        Node = id,
        Address = "",
        IsWitness = false,
        IsLearner = false,
        State = state,
        MatchIndex = 20,
        CommitHint = 20,
        OwedSlices = owed,
        LastAnswerSeconds = 0,
        AvailableBytes = 1,
        SliceCount = 0,
        SliceBytes = 0,
        DamageFound = 0,
        DamageRepaired = 0,
        DamagedEntries = 0,
        FlushMicroseconds = 0,
    };

    // name{label="value",…} number [timestamp]
    private sealed class Lines(string text)
    {
        public IReadOnlyList<string> Find(string name, params string[] labels) =>
        [
            .. text.Split('\n').Where(line =>
                (line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
                && labels.All(label => line.Contains(label, StringComparison.Ordinal))),
        ];

        public double Value(string name, params string[] labels)
        {
            var found = Find(name, labels);
            Assert.That(found, Has.Count.EqualTo(1), $"{name} {string.Join(' ', labels)} in\n{text}");
            var rest = found[0][(found[0].Contains('}') ? found[0].LastIndexOf('}') + 1 : name.Length)..];
            return double.Parse(rest.Trim().Split(' ')[0], CultureInfo.InvariantCulture);
        }
    }
}
