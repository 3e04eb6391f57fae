using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;
using Gateway.Replication.Control;
using Gateway.Replication.Store;
using Gateway.Tests.Hosting;
using Gateway.Tests.Rpc;
using Gateway.Tests.Smb;
using Gateway.Tests.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Cluster;

/// <summary>What is exported, as a client of a gateway sees it that follows the control plane.</summary>
public sealed class SharingWatchTests
{
    private static readonly ExportClientOptions Everybody = new() { Match = "*" };

    private WarningLog _log = null!;
    private ControlDirectory _control = null!;
    private FileServer _server = null!;
    private SharingWatch _watch = null!;
    private NfsShare _client = null!;

    [SetUp]
    public async Task SetUp()
    {
        _log = new WarningLog();
        _control = new ControlDirectory();
        var options = LocalGateway.Options();
        _server = new FileServer(options, ControlDirectory.Secret(), _control.Users(), TimeProvider.System, NullLoggerFactory.Instance);
        _watch = new SharingWatch(_control.Control, options, _server, TimeProvider.System, _log);
        await _server.OpenAsync("files", new MemoryVolumeStore(), default);
        _client = Mount("/files");
    }

    [TearDown]
    public async Task TearDown()
    {
        _client.Dispose();
        await _watch.DisposeAsync();
        await _server.DisposeAsync();
        _control.Dispose();
    }

    [Test]
    public async Task Clients_are_held_to_what_the_control_plane_says_by_now()
    {
        Assert.That(CreateStatus("a"), Is.EqualTo(Nfs3Status.Ok));
        await SayAsync(Export("/files", Everybody with { ReadOnly = true }));
        await Eventually.HoldsAsync(() => CreateStatus("b") == Nfs3Status.ReadOnly);
        await SayAsync(Export("/new", Everybody));
        await Eventually.HoldsAsync(() => CreateStatus("c") == Nfs3Status.Ok);
        using (Mount("/new"))
            Assert.That(() => Mount("/files").Dispose(), Throws.InstanceOf<Exception>());

        await _server.CloseAsync("files", inGoodOrder: true);
        await _server.OpenAsync("files", new MemoryVolumeStore(), default);
        Mount("/new").Dispose();
    }

    [TestCase("{\"exports\":[{\"path\":\"files\",\"volume\":\"files\",\"clients\":[]}]}")]
    [TestCase("{\"exports\":[{\"path\":\"/files\",\"volume\":\"files\",\"clients\":[{\"match\":\"10.0.0.300\"}]}]}")]
    [TestCase("{\"exports\":[{\"path\":\"/files\",\"volume\":\"files\",\"clients\":[null]}]}")]
    [TestCase("{\"exports\":[null]}")]
    [TestCase("{\"exports\":null}")]
    [TestCase("{\"export\":[]}")]
    [TestCase("[]")]
    public async Task A_record_that_makes_no_sense_is_said_and_changes_nothing(string bad)
    {
        await SayAsync(Export("/files", Everybody with { ReadOnly = true }));
        await Eventually.HoldsAsync(() => CreateStatus("a") == Nfs3Status.ReadOnly);
        await SharingRecords.SetAsync(_control.Control, ExportsRecord.Key, bad, default);
        await Eventually.HoldsAsync(() => _log.Lines.Count > 0);
        Assert.That(_log.Lines.Single(), Does.Contain("exports in the control plane"));
        Assert.That(CreateStatus("b"), Is.EqualTo(Nfs3Status.ReadOnly));

        await SayAsync(Export("/files", Everybody));
        await Eventually.HoldsAsync(() => CreateStatus("c") == Nfs3Status.Ok);
    }

    // As a person writes it, who leaves out what need not be said.
    [Test]
    public void What_a_record_leaves_out_is_what_it_is_in_the_configuration_file()
    {
        var exports = SharingRecords.ReadExports(new ControlValue(1, """{"exports":[{"path":"/files","volume":"files","clients":[{"match":"*"}]}]}"""));
        Assert.That(exports.Single().Directory, Is.Empty);
        Assert.That(exports.Single().Clients.Single(), Is.EqualTo(Everybody));
        var shares = SharingRecords.ReadShares(new ControlValue(1, """{"shares":[{"name":"files"}]}"""));
        Assert.That(shares.Single().GivesTheSameAs(ShareOptions.Default("files")), Is.True);
    }

    [Test]
    public void A_record_is_read_as_it_was_written()
    {
        ExportOptions written = new() { Path = "/a", Volume = "v", Directory = "d", Clients = [Everybody with { Squash = Squash.All, AnonymousUserId = 1 }] };
        var json = ClusterJson.Write(new ExportsRecord { Exports = [written] }, ClusterJson.Default.ExportsRecord);
        var read = SharingRecords.ReadExports(new ControlValue(1, json)).Single();
        Assert.That(read with { Clients = written.Clients }, Is.EqualTo(written));
        Assert.That(read.Clients, Is.EqualTo(written.Clients));
    }

    [Test]
    public async Task Where_the_control_plane_says_nothing_any_more_the_configuration_counts()
    {
        await SayAsync(Export("/files", Everybody with { ReadOnly = true }));
        await Eventually.HoldsAsync(() => CreateStatus("a") == Nfs3Status.ReadOnly);
        var value = (await _control.Control.ReadAsync(ExportsRecord.Key, default))!;
        Assert.That(await _control.Control.DeleteAsync(ExportsRecord.Key, value.Version, default));
        await Eventually.HoldsAsync(() => CreateStatus("b") == Nfs3Status.Ok);
    }

    private static ExportOptions Export(string path, ExportClientOptions client) =>
        new() { Path = path, Volume = "files", Clients = [client] };

    private Nfs3Status CreateStatus(string name) => _client.Create(_client.Root, name).Status;

    private NfsShare Mount(string path)
    {
        var nfs = _server.Protocols!.NfsAddress;
        return NfsShare.Mount(nfs, nfs.Port, path, 1000);
    }

    private Task SayAsync(params ExportOptions[] exports) => SharingRecords.SetAsync(
        _control.Control, ExportsRecord.Key, ClusterJson.Write(new ExportsRecord { Exports = exports }, ClusterJson.Default.ExportsRecord), default);
}
