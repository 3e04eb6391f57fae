using System.Net;
using System.Net.Sockets;
using Gateway.Hosting;
using Gateway.Replication.Store;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

/// <summary>What ends the process when it is met at the first start, and what is tried again.</summary>
public sealed class ServedVolumeTests
{
    private MemoryVolumeStore _store = null!;
    private Socket _taken = null!;
    private ControlDirectory _control = null!;
    private FileServer _server = null!;
    private ServedVolume _volume = null!;

    [SetUp]
    public void SetUp()
    {
        _store = new MemoryVolumeStore();
        _control = new ControlDirectory();
        _taken = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = LocalGateway.Options() with
        {
            NfsPort = ((IPEndPoint)_taken.LocalEndPoint!).Port,
        };
        _server = new FileServer(options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLoggerFactory.Instance);
        _volume = new ServedVolume("files", _server, new NoAddress());
    }

    [TearDown]
    public async Task TearDown()
    {
        await _server.DisposeAsync();
        _control.Dispose();
        _taken.Dispose();
    }

    [Test]
    public async Task A_volume_that_is_lost_while_it_is_opened_is_no_reason_to_end()
    {
        _taken.Close();
        _store.Interfere = _ => new StoreInterference(StoreOutcome.Unavailable);
        Assert.That(() => _volume.StartAsync(_store, default), Throws.TypeOf<IOException>());
        Assert.That(_volume.FirstStart.IsCompleted, Is.False);

        _store.Interfere = null;
        await _volume.StartAsync(_store, default);
        Assert.That(await _volume.FirstStart, Is.Null);
    }

    [Test]
    public async Task A_port_that_is_taken_is_told()
    {
        _taken.Listen();
        Assert.That(() => _volume.StartAsync(_store, default), Throws.TypeOf<StartException>());
        Assert.That(await _volume.FirstStart, Is.TypeOf<StartException>());
    }
}
