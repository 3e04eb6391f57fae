using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Smb2;
using Gateway.SmbClient;

namespace Gateway.Lab.Faults;

/// <summary>Exports and shares that change under clients, by the command line; gateways that run follow, the standby too.</summary>
[TestFixture, Category("Faults")]
public sealed class SharingTests
{
    private const string Before = """
        {
          "exports": [ { "path": "/files", "clients": [ { "match": "*" } ] } ],
          "shares": [ { "name": "files" } ]
        }
        """;

    // NFS is for somebody else, and SMB shares a part.
    private const string After = """
        {
          "exports": [ { "path": "/files", "clients": [ { "match": "192.0.2.1" } ] } ],
          "shares": [ { "name": "part", "directory": "part" } ]
        }
        """;

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);

    private LabDirectory _directory = null!;
    private LabGateways _gateways = null!;
    private int _owner;

    [SetUp]
    public async Task SetUp()
    {
        _directory = new LabDirectory();
        _gateways = new LabGateways(withSmb: true);
        await _gateways.StartAsync();
        _owner = await _gateways.OwnerAsync("files", StepMax);
    }

    [TearDown]
    public void TearDown()
    {
        _gateways.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task WhatIsExportedAndSharedChangesUnderClients()
    {
        var user = await _gateways.Nasgate.AddUserAsync("anna");
        await ApplyAsync(Before);
        using var whole = _gateways.Network.Mount(1, LabGateways.PortOf(_owner));
        var part = whole.MkDir(whole.Root, "part").Handle!.Value;
        Assert.That(whole.Create(part, "kept", mode: 0x1B6).Status, Is.EqualTo(Nfs3Status.Ok));
        using var session = Open(user, "files");
        var file = session.CreateFile("part\\kept");

        await ApplyAsync(After);
        await StatusComesAsync(() => whole.GetAttributes(whole.Root).Status, Nfs3Status.Access);
        await StatusComesAsync(() => session.Ask(Smb2Command.Read, Bodies.Read(file, 0, 1)).Status, NtStatus.NetworkNameDeleted);
        CheckAfter(user);

        // What is exported again is there for the mount that was made before.
        await ApplyAsync(Before);
        await StatusComesAsync(() => whole.GetAttributes(whole.Root).Status, Nfs3Status.Ok);
        await StatusComesAsync(() => session.Connect("files").Status, NtStatus.Success);
        Assert.That(session.Exists("part\\kept"));

        // The gateway that stands by hears of it as well.
        await ApplyAsync(After);
        await StatusComesAsync(() => whole.GetAttributes(whole.Root).Status, Nfs3Status.Access);
        await _gateways[_owner].KillAsync();
        _owner = await _gateways.OwnerAsync("files", StepMax);
        CheckAfter(user);
    }

    private void CheckAfter(SmbUser user)
    {
        Assert.That(
            () => _gateways.Network.Mount(2, LabGateways.PortOf(_owner)), Throws.InstanceOf<IOException>().With.Message.Contains("Access"));
        using var session = Open(user, "part");
        Assert.That(session.Exists("kept"));
        Assert.That(
            () => Open(user, "files"),
            Throws.TypeOf<SmbStatusException>().With.Property(nameof(SmbStatusException.Status)).EqualTo(NtStatus.BadNetworkName));
    }

    private SmbSession Open(SmbUser user, string share) =>
        new SmbTarget(_gateways.Network, user, LabGateways.SmbPortOf(_owner)).Open(share: share);

    private async Task ApplyAsync(string configuration)
    {
        var file = _directory["sharing.json"];
        await File.WriteAllTextAsync(file, configuration);
        var (code, output) = await _gateways.Nasgate.RunAsync(["cluster", "apply", file, .. LabEtcd.Options]);
        Assert.That(code, Is.Zero, output);
    }

    private async Task StatusComesAsync<T>(Func<T> ask, T status)
    {
        var last = default(T);
        var came = await Poll.UntilAsync(() => Equals(last = ask(), status), StepMax);
        Assert.That(came, $"{last}\n{_gateways.Tails}");
    }
}
