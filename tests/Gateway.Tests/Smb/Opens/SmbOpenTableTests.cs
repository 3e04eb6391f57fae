using Gateway.Protocol.Smb2;
using Gateway.Smb;
using Gateway.Smb.Opens;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Tests.Smb.Opens;

/// <summary>Who finds which open, and how many there may be (MS-SMB2 3.3.1.5, 3.3.5.9).</summary>
[TestFixture]
internal sealed class SmbOpenTableTests
{
    private static readonly SmbLimits Limits = new() { OpensMax = 5, OpensOfSessionMax = 3 };

    private SmbHost _host = null!;
    private List<SmbClient.SmbSession> _clients = null!;
    private SmbOpenTable _table = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _host = await SmbHost.StartAsync();
        _clients = [_host.Open(client: 1), _host.Open(client: 2)];
        _table = new SmbOpenTable(TimeProvider.System, Limits);
    }

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public async Task AnOpenIsFoundByItsOwnSessionAndTreeOnly()
    {
        var (session, tree) = (Session(0), Tree(0));
        var open = Add(tree);
        Assert.That(_table.TryGet(open.Id, session, tree, out var found) && found == open, Is.True);
        Assert.That(_table.TryGet(open.Id, session, null, out _), Is.True);
        Assert.That(_table.TryGet(open.Id, session, Tree(1), out _), Is.False);
        Assert.That(_table.TryGet(open.Id, Session(1), null, out _), Is.False);
        Assert.That(_table.TryGet(open.Id with { Persistent = 1 }, session, null, out _), Is.False, "both halves count");
        Assert.That(_table.TryGetDurable(open.Id.Persistent, out _), Is.False, "it is not durable");

        await open.CloseAsync();
        Assert.That(_table.TryGet(open.Id, session, null, out _), Is.False);
        Assert.That(_table.Count, Is.Zero);
        await open.CloseAsync();
        Assert.That(_table.Count, Is.Zero);
    }

    [Test]
    public async Task ThereAreLimitsForOneAndForAll()
    {
        var opens = Enumerable.Range(0, 3).Select(_ => Add(Tree(0))).ToList();
        Assert.That(_table.TryAdd(Tree(0), out _), Is.EqualTo(NtStatus.TooManyOpenedFiles));
        opens.AddRange([Add(Tree(1)), Add(Tree(1))]);
        Assert.That(_table.TryAdd(Tree(1), out _), Is.EqualTo(NtStatus.TooManyOpenedFiles));
        Assert.That(_table.Count, Is.EqualTo(5));

        await opens[0].CloseAsync();
        Assert.That(_table.TryAdd(Tree(1), out var again), Is.EqualTo(NtStatus.Success));
        opens.Add(again!);
        foreach (var open in opens) await open.CloseAsync();
        Assert.That(_table.Count, Is.Zero);
    }

    [Test]
    public async Task WithItsTreeItGoes()
    {
        var other = Add(Tree(1));
        var (mine, next) = (Add(Tree(0)), Add(Tree(0)));
        var told = 0;
        mine.OnClosing(() => told++);
        await _table.EndAsync(Tree(0));
        Assert.That(_table.Count, Is.EqualTo(1));
        Assert.That(told, Is.EqualTo(1));
        mine.OnClosing(() => told++);
        Assert.That(told, Is.EqualTo(2), "it has ended already");
        Assert.That(_table.TryGet(next.Id, Session(0), null, out _), Is.False);
        Assert.That(_table.TryGet(other.Id, Session(1), null, out _), Is.True);
    }

    [Test]
    public void WhatHasEndedGetsNoMore()
    {
        var tree = Tree(0);
        tree.Disconnect();
        Assert.That(_table.TryAdd(tree, out var open), Is.EqualTo(NtStatus.NetworkNameDeleted));
        Assert.That((open, _table.Count), Is.EqualTo(((SmbOpen?)null, 0)));

        var session = Session(1);
        tree = Tree(1);
        Assert.That(session.TryEnd(), Is.True);
        Assert.That(_table.TryAdd(tree, out open), Is.EqualTo(NtStatus.UserSessionDeleted));
        Assert.That((open, _table.Count), Is.EqualTo(((SmbOpen?)null, 0)));
    }

    [Test]
    public async Task OpensOfAnApplicationAreFoundWhoeverHasThem()
    {
        var application = new Guid(7, 0, 0, new byte[8]);
        var (one, other) = (Add(Tree(0)), Add(Tree(1)));
        one.AppInstanceId = application;
        Assert.That(_table.OfApplication(application), Is.EqualTo(new[] { one }));
        await one.CloseAsync();
        await other.CloseAsync();
        Assert.That(_table.OfApplication(application), Is.Empty);
    }

    [Test]
    public async Task ManyComeAndGoAtTheSameTime()
    {
        const int Rounds = 500;
        _table = new SmbOpenTable(TimeProvider.System, new SmbLimits());
        var trees = new[] { Tree(0), Tree(1) };
        await Parallel.ForAsync(0, 8, async (worker, _) =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var open = Add(trees[worker % trees.Length]);
                if (round % 2 == 0) await open.CloseAsync();
            }
        });
        Assert.That(_table.Count, Is.EqualTo(8 * Rounds / 2));
        foreach (var tree in trees) await _table.EndAsync(tree.Session, keepsDurable: true);
        Assert.That(_table.Count, Is.Zero);
    }

    private SmbOpen Add(TreeConnect tree)
    {
        Assert.That(_table.TryAdd(tree, out var open), Is.EqualTo(NtStatus.Success));
        return open!;
    }

    private SmbSession Session(int client)
    {
        Assert.That(_host.Server.Sessions.TryGet(_clients[client].SessionId, out var session), Is.True);
        return session!;
    }

    private TreeConnect Tree(int client)
    {
        Assert.That(Session(client).Trees.TryGet(_clients[client].TreeId, out var tree), Is.True);
        return tree!;
    }
}
