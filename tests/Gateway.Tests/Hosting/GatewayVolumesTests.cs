using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Tests.Rpc;
using Gateway.Tests.Smb;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

/// <summary>The nodes that settings name, and the volumes that are made of them. Nobody listens at their addresses.</summary>
public sealed class GatewayVolumesTests
{
    private static readonly NodeAddress[] Nodes =
        [new("n1", "127.0.0.1", 1), new("n2", "127.0.0.1", 1), new("w1", "127.0.0.1", 1) { Witness = true }];

    private readonly WarningLog _log = new();
    private ControlDirectory _control = null!;
    private ILoggerFactory _loggers = null!;
    private FileServer _server = null!;
    private GatewayVolumes _volumes = null!;

    [SetUp]
    public void SetUp()
    {
        _control = new ControlDirectory();
        _loggers = LoggerFactory.Create(builder => builder.AddProvider(new Provider(_log)));
        var options = LocalGateway.Options(_control.Path);
        _server = new FileServer(
            options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLoggerFactory.Instance);
        _volumes = new GatewayVolumes(
            options, Nodes, _control.Control, _server, new NoAddress(), new LinkTrust(ControlDirectory.Secret()),
            BootTimeProvider.Instance, _loggers);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _volumes.DisposeAsync();
        await _server.DisposeAsync();
        _loggers.Dispose();
        _control.Dispose();
    }

    [Test]
    public async Task A_volume_is_made_with_the_witness_that_the_settings_name()
    {
        Assert.That(await _volumes.TryCreateAsync("more", default), Is.Null);
        var made = (await new VolumeRecords(_control.Control).ReadAsync("more", default))!.Record;
        Assert.That(
            made.Members.Select(member => (member.NodeId, member.Witness)),
            Is.EqualTo(new[] { ("n1", false), ("n2", false), ("w1", true) }));
        Assert.That(await _volumes.TryCreateAsync("other", default), Is.Null);
        Assert.That(_log.CountOf("stays so"), Is.Zero);
    }

    [Test]
    public async Task Of_a_volume_that_has_the_nodes_in_other_roles_that_is_said()
    {
        var members = new[] { new VolumeMember("n1", 0), new VolumeMember("n2", 0) { Witness = true }, new VolumeMember("w1", 0) };
        var record = VolumeRecord.Of(new Guid("0c7a6a26-91a3-4d3c-8e3b-6fd1b8f0a001"), members, "127.0.0.1:1", 2000);
        Assert.That(await new VolumeRecords(_control.Control).CompareAndSetAsync("files", 0, record, default), Is.Not.Null);
        _volumes.Start();
        await Eventually.HoldsAsync(() => _log.CountOf("w1 of volume files is no witness") == 1);
        Assert.That(_log.CountOf("n2 of volume files is a witness"), Is.EqualTo(1));
        Assert.That(_log.CountOf("n1 of volume files"), Is.Zero);
    }

    [Test]
    public async Task A_record_that_cannot_be_read_is_said_and_opened_when_it_can()
    {
        var control = _control.Control;
        var typo = await control.CompareAndSetAsync("volumes/more", 0, "[]", default);
        _volumes.Start();
        await Eventually.HoldsAsync(() => _log.CountOf("The record of volume more cannot be read") == 1);
        Assert.That(await _volumes.TryCreateAsync("other", default), Is.Null);
        await Eventually.HoldsAsync(() => _volumes.Find("other") is not null);
        Assert.That(_volumes.Find("more"), Is.Null);
        Assert.That(await control.DeleteAsync("volumes/more", typo!.Version, default));
        Assert.That(await _volumes.TryCreateAsync("more", default), Is.Null);
        await Eventually.HoldsAsync(() => _volumes.Find("more") is not null);
    }

    private sealed class Provider(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
            // The log outlives it.
        }
    }
}
