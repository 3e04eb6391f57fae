using Gateway.Cluster;
using Gateway.Hosting;
using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.SmbClient;
using Gateway.Tests.Rpc;
using Gateway.Tests.Smb;
using Gateway.Tests.Users;
using Gateway.Users;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Hosting;

/// <summary>What is shared over SMB changes in the control plane, under clients that are there.</summary>
public sealed class ShareChangeTests
{
    private const string User = "alice";
    private const string Password = "Pass1word!";

    private readonly WarningLog _log = new();
    private ControlDirectory _control = null!;
    private FileServer _server = null!;
    private SharingWatch _watch = null!;
    private int _clients;

    [SetUp]
    public async Task SetUp()
    {
        _control = new ControlDirectory();
        var users = _control.Users();
        await users.AddAsync(new NewUser(User, Password), default);
        var options = LocalGateway.Options() with
        {
            Smb = new SmbOptions { Port = FreePort.Find(), Shares = [Share("stays"), Share("goes")] },
        };
        _server = new FileServer(options, ControlDirectory.Secret(), users, TimeProvider.System, NullLoggerFactory.Instance);
        await _server.OpenAsync("files", new MemoryVolumeStore(), default);
        _watch = new SharingWatch(_control.Control, options, _server, TimeProvider.System, _log);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _watch.DisposeAsync();
        await _server.DisposeAsync();
        _control.Dispose();
    }

    [Test]
    public async Task A_share_that_is_no_more_is_gone_for_its_clients_and_others_go_on()
    {
        using var goes = Open("goes");
        using var stays = Open("stays");
        var lost = goes.CreateFile("f", share: 0);
        var kept = stays.CreateFile("g");
        await SayAsync(Share("stays"), Share("new"));
        await Eventually.HoldsAsync(() => Status(() => goes.WriteFile(lost, 0, "x"u8)) == NtStatus.NetworkNameDeleted);
        goes.Connect("goes").Require(NtStatus.BadNetworkName);

        // The session goes on, and what was open by the share is closed: it stands in nobody's way.
        goes.Connect("new").Require(NtStatus.Success);
        goes.CreateFile("f", share: 0);
        stays.WriteFile(kept, 0, "y"u8);
    }

    [Test]
    public async Task Clients_of_a_share_that_is_as_it_was_notice_nothing()
    {
        using var client = Open("stays");
        var file = client.CreateFile("f");
        await SayAsync(Share("stays") with { Comment = "for everybody" }, Share("new"));
        using var other = Log("new");
        await Eventually.HoldsAsync(() => other.Connect("new").Status == NtStatus.Success);
        client.WriteFile(file, 0, "content"u8);
        Assert.That(client.ReadFile(file, 0, 7), Is.EqualTo("content"u8.ToArray()));
    }

    [Test]
    public async Task A_share_that_is_given_otherwise_is_connected_to_again()
    {
        using var client = Open("stays");
        client.CreateFile("f");
        await SayAsync(Share("stays") with { ReadOnly = true }, Share("goes"));
        await Eventually.HoldsAsync(() => Status(() => client.CreateFile("g")) == NtStatus.NetworkNameDeleted);
        client.Connect("stays").Require(NtStatus.Success);
        Assert.That(Status(() => client.CreateFile("g")), Is.EqualTo(NtStatus.AccessDenied));
    }

    [TestCase("{\"shares\":[]}")]
    [TestCase("{\"shares\":[null]}")]
    [TestCase("{\"shares\":[{\"name\":\"IPC$\"}]}")]
    [TestCase("{\"shares\":[{\"name\":\"a\",\"continuous\":true,\"writeBack\":true}]}")]
    [TestCase("[]")]
    public async Task A_record_that_makes_no_sense_is_said_and_changes_nothing(string bad)
    {
        using var client = Open("goes");
        var before = _log.Lines.Count;
        await SharingRecords.SetAsync(_control.Control, SharesRecord.Key, bad, default);
        await Eventually.HoldsAsync(() => _log.Lines.Count > before);
        client.CreateFile("f");
        await SayAsync(Share("new"));
        await Eventually.HoldsAsync(() => client.Connect("new").Status == NtStatus.Success);
    }

    [Test]
    public async Task A_volume_that_comes_later_is_shared_as_it_is_said_by_then()
    {
        await SayAsync(Share("new"));
        using (var client = Log("new"))
            await Eventually.HoldsAsync(() => client.Connect("new").Status == NtStatus.Success);

        await _server.CloseAsync("files", inGoodOrder: true);
        await _server.OpenAsync("files", new MemoryVolumeStore(), default);
        using var again = Open("new");
        again.Connect("stays").Require(NtStatus.BadNetworkName);
    }

    private static ShareOptions Share(string name) => new() { Name = name };

    private static NtStatus Status(Action ask)
    {
        try
        {
            ask();
            return NtStatus.Success;
        }
        catch (SmbStatusException error)
        {
            return error.Status;
        }
    }

    private SmbSession Open(string share) =>
        SmbSession.Open(_server.Protocols!.SmbAddress!, User, Password, share, new SmbSessionOptions { Client = new Guid(++_clients, 0, 0, new byte[8]) });

    private SmbSession Log(string share)
    {
        var session = new SmbSession(_server.Protocols!.SmbAddress!, new SmbSessionOptions { Client = new Guid(++_clients, 0, 0, new byte[8]) });
        session.Negotiate();
        session.LogOn(User, Password);
        session.Connect(share);
        return session;
    }

    private Task SayAsync(params ShareOptions[] shares) => SharingRecords.SetAsync(
        _control.Control, SharesRecord.Key, ClusterJson.Write(new SharesRecord { Shares = shares }, ClusterJson.Default.SharesRecord), default);
}
