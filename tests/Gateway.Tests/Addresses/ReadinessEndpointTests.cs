using System.Net;
using Gateway.Addresses;
using Gateway.Hosting;
using Gateway.Replication.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Addresses;

public sealed class ReadinessEndpointTests
{
    private readonly HttpClient _client = new();
    private readonly ManualTime _time = new();
    private ReadinessEndpoint? _endpoint;
    private int _port;
    private bool _serves;

    [SetUp]
    public async Task ListenAsync()
    {
        _serves = false;

        // The port is free when it is asked for; somebody else may take it before it is used.
        while (_endpoint is null)
        {
            _port = FreePort.Find();
            try
            {
                _endpoint = await ReadinessEndpoint.ListenAsync(
                    new IPEndPoint(IPAddress.Loopback, _port), _time, NullLoggerFactory.Instance);
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
    public void DisposeClient() => _client.Dispose();

    [TestCase("/ready")]
    [TestCase("/ready/files")]
    public async Task Ready_is_who_serves(string path)
    {
        _endpoint!.AnswerBy(ServesAsync);
        Assert.That(await StatusAsync("GET", path), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        _serves = true;
        Assert.That(await StatusAsync("GET", path), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync("HEAD", path, "nas.example"), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_volume_that_is_served_elsewhere_is_not_ready_here()
    {
        _endpoint!.AnswerBy(ServesAsync);
        _serves = true;
        Assert.That(await StatusAsync("GET", "/ready/more"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await StatusAsync("GET", "/ready/..%2ffiles"), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [TestCase("/ready")]
    [TestCase("/ready/files")]
    public async Task Who_has_not_begun_to_serve_is_live_and_not_ready(string path)
    {
        _serves = true;
        Assert.That(await StatusAsync("GET", path), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(await StatusAsync("GET", "/live"), Is.EqualTo(HttpStatusCode.OK));
        _endpoint!.AnswerBy(ServesAsync);
        Assert.That(await StatusAsync("GET", path), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Live_is_who_answers() => Assert.That(await StatusAsync("GET", "/live"), Is.EqualTo(HttpStatusCode.OK));

    [Test]
    public async Task Who_does_not_know_is_not_ready()
    {
        _endpoint!.AnswerBy(ServesAsync);
        var asked = StatusAsync("GET", "/ready/hangs");
        while (!asked.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.WhenAny(asked, Task.Delay(5));
        }

        Assert.That(await asked, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [TestCase("GET", "/")]
    [TestCase("GET", "/api/status")]
    [TestCase("POST", "/ready")]
    [TestCase("GET", "/ready/files/x")]
    public async Task Nothing_else_is_there(string method, string path) =>
        Assert.That(await StatusAsync(method, path), Is.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed));

    [Test]
    public void A_port_in_use_is_a_clear_start_error() => Assert.That(
        () => ReadinessEndpoint.ListenAsync(
            new IPEndPoint(IPAddress.Loopback, _port), _time, NullLoggerFactory.Instance),
        Throws.TypeOf<StartException>().With.Message.Contains($"{_port}"));

    private async Task<bool> ServesAsync(string? volume, CancellationToken cancellation)
    {
        if (volume == "hangs") await Task.Delay(Timeout.Infinite, cancellation);
        return _serves && volume is (null or "files");
    }

    private async Task<HttpStatusCode> StatusAsync(string method, string path, string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://127.0.0.1:{_port}{path}");
        request.Headers.Host = host;
        using var response = await _client.SendAsync(request);
        Assert.That(await response.Content.ReadAsStringAsync(), Is.Empty);
        return response.StatusCode;
    }
}
