using System.Net;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Gateway.NfsClient;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.SmbClient;
using Gateway.Tests.Users;
using Gateway.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

/// <summary>Volumes that come to a gateway and leave it, as clients of both protocols see it.</summary>
public sealed class FileServerTests
{
    private const string User = "alice";
    private const string Password = "Pass1word!";

    private readonly Dictionary<string, MemoryVolumeStore> _stores = [];
    private ControlDirectory _control = null!;
    private FileServer _server = null!;
    private int _clients;

    [SetUp]
    public async Task SetUp()
    {
        _control = new ControlDirectory();
        var users = _control.Users();
        await users.AddAsync(new NewUser(User, Password), default);
        foreach (var volume in new[] { "files", "more" }) _stores[volume] = new MemoryVolumeStore();
        var options = LocalGateway.Options() with
        {
            Exports = [ExportOptions.Default("files"), ExportOptions.Default("more")],
            Smb = new SmbOptions
            {
                Port = FreePort.Find(),
                Shares = [new ShareOptions { Name = "files" }, new ShareOptions { Name = "more", Volume = "more" }],
            },
        };
        _server = new FileServer(options, ControlDirectory.Secret(), users, TimeProvider.System, NullLoggerFactory.Instance);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _server.DisposeAsync();
        _control.Dispose();
        foreach (var store in _stores.Values) Assert.That(store.OpenSnapshots, Is.Zero, "a snapshot was left open");
    }

    [Test]
    public async Task Ports_are_open_while_a_volume_is_served()
    {
        Assert.That(_server.Protocols, Is.Null);
        await OpenAsync("files");
        var nfs = _server.Protocols!.NfsAddress;
        using (var share = Mount("/files", nfs))
            Assert.That(share.GetAttributes(share.Root).Status, Is.EqualTo(Nfs3Status.Ok));

        await _server.CloseAsync("files", inGoodOrder: true);
        Assert.That(_server.Protocols, Is.Null);
        Assert.That(() => Mount("/files", nfs), Throws.InstanceOf<System.Net.Sockets.SocketException>());
    }

    [Test]
    public async Task A_file_is_there_again_when_its_volume_comes_back()
    {
        await OpenAsync("files");
        Nfs3Handle handle;
        using (var share = Mount("/files"))
        {
            handle = share.Create(share.Root, "f").Handle!.Value;
            share.Write(handle, 0, "content"u8, Nfs3Stability.Unstable);
        }

        await _server.CloseAsync("files", inGoodOrder: true);
        await OpenAsync("files");
        using var again = Mount("/files");
        Assert.That(again.Read(handle, 0, 100).Content.ToArray(), Is.EqualTo("content"u8.ToArray()));
    }

    [Test]
    public async Task Clients_of_a_volume_that_leaves_lose_their_connections_and_others_go_on()
    {
        await OpenAsync("files");
        await OpenAsync("more");
        using var stays = Mount("/more");
        using var goes = Mount("/files");
        using var smbStays = OpenSmb("more");
        using var smbGoes = OpenSmb("files");
        await _server.CloseAsync("files", inGoodOrder: false);

        AssertCutOff(() => goes.GetAttributes(goes.Root));
        AssertCutOff(() => smbGoes.Ask(Smb2Command.Echo, Bodies.Empty()));
        Assert.That(stays.GetAttributes(stays.Root).Status, Is.EqualTo(Nfs3Status.Ok));
        smbStays.Ask(Smb2Command.Echo, Bodies.Empty()).Require(NtStatus.Success);
    }

    [Test]
    public async Task A_request_for_a_volume_that_is_elsewhere_is_not_answered_but_ends_its_connection()
    {
        await OpenAsync("files");
        await OpenAsync("more");
        Nfs3Handle handle;
        using (var share = Mount("/files")) handle = share.Root;

        await _server.CloseAsync("files", inGoodOrder: true);
        using (var other = Mount("/more"))
            AssertCutOff(() => other.GetAttributes(handle));

        AssertCutOff(() => Mount("/files").Dispose());
        using var smb = OpenSmb("more");
        smb.Connect("files").Require(NtStatus.BadNetworkName);
    }

    [Test]
    public async Task Closing_in_good_order_makes_written_data_durable_and_otherwise_it_is_dropped([Values] bool inGoodOrder)
    {
        await OpenAsync("files");
        await OpenAsync("more");
        Nfs3Handle handle;
        using (var share = Mount("/files"))
        {
            handle = share.Create(share.Root, "f").Handle!.Value;
            share.Write(handle, 0, new byte[200_000], Nfs3Stability.Unstable);
        }

        await _server.CloseAsync("files", inGoodOrder);
        await OpenAsync("files");
        using var again = Mount("/files");
        Assert.That(again.GetAttributes(handle).Attributes!.Value.Size, Is.EqualTo(inGoodOrder ? 200_000 : 0));
    }

    [Test]
    public async Task A_port_that_is_taken_is_an_error_and_leaves_nothing_behind()
    {
        using var taken = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await OpenAsync("files");
        var smb = _server.Protocols!.SmbAddress!;
        await _server.CloseAsync("files", inGoodOrder: true);
        taken.Bind(smb);
        taken.Listen();
        Assert.That(async () => await OpenAsync("files"), Throws.TypeOf<StartException>());
        Assert.That(_server.Protocols, Is.Null);

        taken.Close();
        await OpenAsync("files");
        Assert.That(_server.Find("files"), Is.Not.Null);
    }

    private static void AssertCutOff(Action ask) =>
        Assert.That(ask, Throws.InstanceOf<IOException>().Or.InstanceOf<System.Net.Sockets.SocketException>());

    private NfsShare Mount(string path, IPEndPoint? at = null)
    {
        var nfs = at ?? _server.Protocols!.NfsAddress;
        return NfsShare.Mount(nfs, nfs.Port, path, 1000);
    }

    private SmbSession OpenSmb(string share) =>
        SmbSession.Open(_server.Protocols!.SmbAddress!, User, Password, share, new SmbSessionOptions { Client = new Guid(++_clients, 0, 0, new byte[8]) });

    private Task OpenAsync(string volume) => _server.OpenAsync(volume, _stores[volume], default);
}
