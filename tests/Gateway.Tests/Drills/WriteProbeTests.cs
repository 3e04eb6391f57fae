using System.Net;
using Gateway.Drills;
using Gateway.Hosting;
using Gateway.Replication.Store;
using Gateway.Tests.Hosting;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Drills;

/// <summary>A drill's client, against a volume that is not served for a moment.</summary>
public sealed class WriteProbeTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly MemoryVolumeStore _store = new();
    private IPEndPoint[] _servers = null!;
    private ControlDirectory _control = null!;
    private FileServer _server = null!;

    [SetUp]
    public void SetUp()
    {
        _servers = [new IPEndPoint(IPAddress.Loopback, FreePort.Find()), new IPEndPoint(IPAddress.Loopback, FreePort.Find())];
        _control = new ControlDirectory();
        var options = LocalGateway.Options() with
        {
            NfsPort = _servers[0].Port,
        };
        _server = new FileServer(options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLoggerFactory.Instance);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _server.DisposeAsync();
        _control.Dispose();
    }

    [Test]
    public async Task It_begins_and_ends_when_the_volume_comes_to_be_served()
    {
        var probe = Probe(Long);
        var beginning = probe.BeginAsync(default);
        await OpenAsync();
        await beginning;
        using (var over = new CancellationTokenSource())
        {
            var writing = probe.RunAsync(over.Token);
            Assert.That(() => probe.Acknowledged, Is.GreaterThan(3).After(10_000, 10));
            await over.CancelAsync();
            await writing;
        }

        await _server.CloseAsync("files", inGoodOrder: true);
        var ending = probe.EndAsync(default);
        await OpenAsync();
        Assert.That(await ending, Is.True);
    }

    [Test]
    public void A_volume_that_nobody_serves_is_not_waited_for_for_ever() =>
        Assert.That(() => Probe(TimeSpan.Zero).BeginAsync(default), Throws.InstanceOf<IOException>());

    [Test]
    public async Task A_file_that_may_not_be_made_is_told_at_once()
    {
        await OpenAsync();
        var probe = new WriteProbe(_servers, "/files", new string('n', 300), Long, TimeProvider.System);
        Assert.That(() => probe.BeginAsync(default), Throws.InstanceOf<IOException>().With.Message.Contains("NameTooLong"));
    }

    private WriteProbe Probe(TimeSpan answerMax) => new(_servers, "/files", "f", answerMax, TimeProvider.System);

    private Task OpenAsync() => _server.OpenAsync("files", _store, default);
}
