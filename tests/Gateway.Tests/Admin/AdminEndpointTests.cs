using System.Net;
using System.Text.Json;
using Gateway.Admin;
using Gateway.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Admin;

public sealed class AdminEndpointTests
{
    private readonly Answers _answers = new();
    private readonly HttpClient _client = new();
    private AdminEndpoint? _endpoint;
    private int _port;

    [OneTimeSetUp]
    public async Task ListenAsync()
    {
        // The port is free when it is asked for; somebody else may take it before it is used.
        while (_endpoint is null)
        {
            _port = FreePort.Find();
            try
            {
                _endpoint = await AdminEndpoint.ListenAsync(_port, _answers, NullLoggerFactory.Instance);
            }
            catch (StartException)
            {
                // Taken: another one.
            }
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _endpoint!.DisposeAsync();
    }

    [Test]
    public async Task Status_is_the_report()
    {
        using var response = await _client.GetAsync(Url("/api/status"));
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var body = await response.Content.ReadAsStringAsync();
        var report = JsonSerializer.Deserialize(body, StatusJson.Default.StatusReport);
        Assert.That(report!.ClusterId, Is.EqualTo("cluster"));
    }

    [TestCase("", null)]
    [TestCase("?path=/files/a%20b%26c", "/files/a b&c")]
    public async Task Verify_is_told_the_path(string query, string? expected)
    {
        using var response = await _client.PostAsync(Url("/api/verify" + query), null);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(_answers.Path, Is.EqualTo(expected));
        var body = await response.Content.ReadAsStringAsync();
        var report = JsonSerializer.Deserialize(body, VerifyJson.Default.VerifyReport);
        Assert.That(report!.SlicesChecked, Is.EqualTo(7));
    }

    [Test]
    public async Task What_is_asked_about_users_is_passed_on_or_forbidden()
    {
        using var known = await _client.PostAsync(Url("/api/users"), new ByteArrayContent([1, 2, 3]));
        Assert.That(await known.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        using var unknown = await _client.PostAsync(Url("/api/users"), new ByteArrayContent([1, 2]));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        using var large = await _client.PostAsync(Url("/api/users"), new ByteArrayContent(new byte[20_000]));
        Assert.That(large.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task What_is_asked_about_nodes_is_passed_on_or_forbidden()
    {
        using var known = await _client.PostAsync(Url("/api/nodes"), new ByteArrayContent([1, 2, 3]));
        Assert.That(await known.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 1, 2, 3, 5 }));
        using var unknown = await _client.PostAsync(Url("/api/nodes"), new ByteArrayContent([1, 2]));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task A_path_with_nothing_there_is_not_found()
    {
        using var response = await _client.PostAsync(Url("/api/verify?path=/none"), null);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("there is nothing at '/none'"));
    }

    [TestCase("nas.example")]
    [TestCase("10.0.0.1")]
    [TestCase("localhost.example")]
    public async Task A_foreign_host_name_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url("/api/status"));
        request.Headers.Host = host;
        using var response = await _client.SendAsync(request);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MisdirectedRequest));
    }

    [TestCase("GET", "/")]
    [TestCase("GET", "/api/verify")]
    [TestCase("POST", "/api/status")]
    [TestCase("GET", "/api/status/x")]
    public async Task Nothing_else_is_there(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(path));
        using var response = await _client.SendAsync(request);
        Assert.That(response.StatusCode, Is.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public void A_port_in_use_is_a_clear_start_error() =>
        Assert.That(
            () => AdminEndpoint.ListenAsync(_port, _answers, NullLoggerFactory.Instance),
            Throws.TypeOf<StartException>().With.Message.Contains($"port {_port}"));

    private Uri Url(string path) => new($"http://127.0.0.1:{_port}{path}");

    private sealed class Answers : AdminEndpoint.IAnswers
    {
        public string? Path { get; private set; }

        public StatusReport Status() => new()
        {
            ClusterId = "cluster",
            UptimeSeconds = 1,
            Volumes = [],
            Clients = new ClientsReport { Connections = 0, Mounts = [] },
            Rates = new RatesReport { Requests = 0, ReadBytes = 0, WrittenBytes = 0 },
            ResidentBytes = 1,
        };

        public Task<byte[]?> ChangeUsersAsync(byte[] message, CancellationToken cancellation) =>
            Task.FromResult<byte[]?>(message.Length == 3 ? [.. message, 4] : null);

        public Task<byte[]?> ChangeVolumesAsync(byte[] message, CancellationToken cancellation) =>
            Task.FromResult<byte[]?>(null);

        public Task<byte[]?> ChangeNodesAsync(byte[] message, CancellationToken cancellation) =>
            Task.FromResult<byte[]?>(message.Length == 3 ? [.. message, 5] : null);

        public Task<VerifyReport?> VerifyAsync(string? path, CancellationToken cancellation)
        {
            Path = path;
            return Task.FromResult(path == "/none" ? null : new VerifyReport
            {
                Clean = true,
                SlicesChecked = 7,
                EntriesChecked = 0,
                BytesRead = 0,
                Differences = [],
            });
        }
    }
}
