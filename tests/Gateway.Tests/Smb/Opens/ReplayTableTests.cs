using Gateway.Smb;
using Gateway.Smb.Opens;

namespace Gateway.Tests.Smb.Opens;

/// <summary>A CREATE that is sent again is carried out once (MS-SMB2 3.3.5.9.10).</summary>
[TestFixture]
internal sealed class ReplayTableTests
{
    private static readonly Guid Client = new(1, 0, 0, new byte[8]);
    private static readonly Guid Create = new(2, 0, 0, new byte[8]);
    private static readonly Guid Other = new(3, 0, 0, new byte[8]);

    private readonly ReplayTable _replays = new();

    [TearDown]
    public void Empty()
    {
        _replays.Release(Client, Create);
        _replays.Release(Client, Other);
        _replays.Release(Other, Create);
    }

    [Test]
    public void TheFirstCarriesItOutAndTheOthersSeeIt()
    {
        Assert.That(_replays.TryReserve(Client, Create, out _), Is.True);
        Assert.That(_replays.TryReserve(Client, Create, out var made), Is.False);
        Assert.That(made, Is.Null, "it is under way");
        Assert.That(_replays.TryReserve(Other, Create, out _), Is.True, "names are of clients");
        Assert.That(_replays.TryReserve(Client, Other, out _), Is.True);
    }

    [Test]
    public void AfterAFailureItMayBeTriedAgain()
    {
        Assert.That(_replays.TryReserve(Client, Create, out _), Is.True);
        _replays.Release(Client, Create);
        Assert.That(_replays.TryReserve(Client, Create, out _), Is.True);
    }

    [Test]
    public async Task WhatWasMadeIsGivenUntilItIsUsed()
    {
        await using var host = await SmbHost.StartAsync();
        using var client = host.Open(client: 1);
        Assert.That(host.Server.Sessions.TryGet(client.SessionId, out var session), Is.True);
        Assert.That(session!.Trees.TryGet(client.TreeId, out var tree), Is.True);
        var table = new SmbOpenTable(TimeProvider.System, new SmbLimits());
        Assert.That(table.Replays.TryReserve(session.ClientGuid, Create, out _), Is.True);
        table.TryAdd(tree!, out var open);
        open!.AwaitReplay(Create);

        Assert.That(table.Replays.TryReserve(session.ClientGuid, Create, out var made), Is.False);
        Assert.That(made, Is.SameAs(open));

        // A later open of the same name stays when the former one is forgotten once more.
        open.EndReplay();
        Assert.That(table.Replays.TryReserve(session.ClientGuid, Create, out _), Is.True);
        table.TryAdd(tree!, out var later);
        later!.AwaitReplay(Create);
        table.Replays.Forget(session.ClientGuid, Create, open);
        Assert.That(table.Replays.TryReserve(session.ClientGuid, Create, out made), Is.False);
        Assert.That(made, Is.SameAs(later));

        await later.CloseAsync();
        Assert.That(table.Replays.TryReserve(session.ClientGuid, Create, out _), Is.True);
        await open.CloseAsync();
    }
}
