using Gateway.Protocol.Nfs3;
using Gateway.Replication.Store;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Nfs;

/// <summary>No majority answers: nothing false is said, and it goes on by itself.</summary>
public sealed class UnavailableTests : NfsFixture
{
    [TearDown]
    public void Heal() => Store.Interfere = null;

    [Test]
    public async Task Reads_are_told_to_come_back_later()
    {
        var file = await Client.FileAsync(Root, "f");
        Store.Interfere = _ => new StoreInterference(StoreOutcome.Unavailable);
        Assert.That((await Client.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.JukeBox));
        Assert.That((await Client.LookupAsync(Root, "f")).Status, Is.EqualTo(Nfs3Status.JukeBox));
        Assert.That((await Client.ReadDirAsync(Root)).Status, Is.EqualTo(Nfs3Status.JukeBox));
        Assert.That((await Client.ReadAsync(file, 0, 10)).Status, Is.EqualTo(Nfs3Status.JukeBox));
        Assert.That((await Client.WriteAsync(file, 0, [1])).Status, Is.EqualTo(Nfs3Status.JukeBox));

        Store.Interfere = null;
        Assert.That((await Client.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await Client.WriteAsync(file, 0, [1])).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_change_of_unknown_outcome_is_not_answered_and_happens_once_when_sent_again(bool happened)
    {
        Store.Interfere = call =>
            call == StoreCall.Execute ? new StoreInterference(StoreOutcome.Unavailable, AfterEffect: happened) : null;
        var request = NfsConnection.MkDirArguments(Root, "d");
        await SendAsync(Client, request);
        Assert.That(await Client.Socket.ReceiveAsync(), Is.Null, "the connection ends instead of an answer");

        Store.Interfere = null;
        using var again = await ConnectAsync();
        await SendAsync(again, request);
        var (header, results) = await again.Socket.ReplyAsync();
        Assert.That(header.Succeeded);
        Assert.That(NewObjectRes.TryParse(results, out var made));
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await again.LookupAsync(Root, "d")).Handle, Is.EqualTo(made.Handle));
    }

    [Test]
    public async Task A_full_volume_says_so()
    {
        var file = await Client.FileAsync(Root, "f");
        Store.Interfere = call => call == StoreCall.ConfirmRead ? null : new StoreInterference(StoreOutcome.NoSpace);
        Assert.That((await Client.WriteAsync(file, 0, [1])).Status, Is.EqualTo(Nfs3Status.NoSpace));
        Assert.That((await Client.MkDirAsync(Root, "d")).Status, Is.EqualTo(Nfs3Status.NoSpace));
    }

    private static Task SendAsync(NfsConnection client, byte[] arguments) =>
        client.Socket.SendAsync(RpcSocket.Marked(RpcSocket.Call(
            4711, Nfs3Protocol.Program, 3, (uint)Nfs3Procedure.MkDir, arguments, NfsConnection.RootUser)));
}
