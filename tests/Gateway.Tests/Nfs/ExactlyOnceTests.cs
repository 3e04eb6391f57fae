using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Nfs;

/// <summary>
/// A retransmission gets the first answer, before and after a restart; what only looks like one is executed.
/// </summary>
public sealed class ExactlyOnceTests : NfsFixture
{
    private const uint Xid = 77;

    public static IEnumerable<TestCaseData> Changes()
    {
        yield return Case(Nfs3Procedure.Remove, (root, _) => NfsConnection.DirOp(root, "file"));
        yield return Case(Nfs3Procedure.RmDir, (root, _) => NfsConnection.DirOp(root, "directory"));
        yield return Case(
            Nfs3Procedure.Rename,
            (root, _) => [.. NfsConnection.DirOp(root, "file"), .. NfsConnection.DirOp(root, "renamed")]);
        yield return Case(
            Nfs3Procedure.Link,
            (root, file) => [.. NfsConnection.Handle(file), .. NfsConnection.DirOp(root, "linked")]);
        yield return Case(Nfs3Procedure.MkDir, (root, _) => NfsConnection.MkDirArguments(root, "made"));
        yield return Case(
            Nfs3Procedure.Create,
            (root, _) => NfsConnection.CreateArguments(root, "made", Nfs3CreateMode.Guarded));
        yield return Case(
            Nfs3Procedure.Create,
            (root, _) => NfsConnection.CreateArguments(root, "made", Nfs3CreateMode.Exclusive, default, 9));
        yield return Case(Nfs3Procedure.SymLink, (root, _) => NfsConnection.Encode(writer => new SymLinkArgs
        {
            Where = new DirOpArgs { Directory = root.Span, Name = "made"u8 },
            Path = "target"u8,
        }.Write(writer)));
        yield return Case(Nfs3Procedure.MkNod, (root, _) => NfsConnection.Encode(writer => new MkNodArgs
        {
            Where = new DirOpArgs { Directory = root.Span, Name = "made"u8 },
            Type = Nfs3FileType.Fifo,
        }.Write(writer)));
        yield return Case(Nfs3Procedure.SetAttr, (_, file) => NfsConnection.Encode(writer => new SetAttrArgs
        {
            Handle = file.Span,
            Attributes = new Nfs3SetAttributes { Mode = 0x180 },
        }.Write(writer)));
    }

    [TestCaseSource(nameof(Changes))]
    public async Task On_the_same_connection(Nfs3Procedure procedure, Func<Nfs3Handle, Nfs3Handle, byte[]> arguments)
    {
        var request = arguments(Root, await PrepareAsync());
        var first = await SendAsync(Client, procedure, request);
        Assert.That(first[..4], Is.EqualTo(new byte[4]), "the first one succeeds");
        Assert.That(await SendAsync(Client, procedure, request), Is.EqualTo(first));
    }

    [TestCaseSource(nameof(Changes))]
    public async Task After_a_restart_of_the_server(
        Nfs3Procedure procedure, Func<Nfs3Handle, Nfs3Handle, byte[]> arguments)
    {
        var request = arguments(Root, await PrepareAsync());
        var first = await SendAsync(Client, procedure, request);
        await RestartAsync();
        Assert.That(await SendAsync(Client, procedure, request), Is.EqualTo(first));
    }

    [Test]
    public async Task On_a_new_connection_while_the_server_still_thinks_the_old_one_lives()
    {
        var first = await SendAsync(Client, Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "d"));
        using var reconnected = await ConnectAsync();
        Assert.That(
            await SendAsync(reconnected, Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "d")),
            Is.EqualTo(first));
    }

    [Test]
    public async Task Another_client_with_the_same_request_while_the_first_one_goes_on_is_not_a_retransmission()
    {
        await Client.GetAttrAsync(Root);
        using var other = await ConnectAsync();
        await other.GetAttrAsync(Root);
        await SendAsync(Client, Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "d"));
        await Client.GetAttrAsync(Root);
        var second = await SendAsync(other, Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "d"));
        Assert.That(NewObjectRes.TryParse(second, out var result));
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Exists));
    }

    // TCP delivers what was written to a connection before it was given up when the network is whole again, which may be
    // after the client has reconnected, had its answer, and gone on.
    [Test]
    public async Task A_late_copy_on_the_connection_that_was_given_up_is_not_carried_out_again()
    {
        await Client.GetAttrAsync(Root);
        using var reconnected = await ConnectAsync();
        var request = NfsConnection.MkDirArguments(Root, "d");
        var first = await SendAsync(reconnected, Nfs3Procedure.MkDir, request);
        Assert.That(first[..4], Is.EqualTo(new byte[4]));
        await reconnected.CallAsync(Nfs3Procedure.RmDir, NfsConnection.DirOp(Root, "d"));

        Assert.That(await SendAsync(Client, Nfs3Procedure.MkDir, request), Is.EqualTo(first));
        Assert.That((await reconnected.LookupAsync(Root, "d")).Status, Is.EqualTo(Nfs3Status.NoEntry));
        Assert.That(await SendAsync(reconnected, Nfs3Procedure.MkDir, request), Is.EqualTo(first), "The newer one stays known.");
    }

    [Test]
    public async Task A_late_copy_of_a_refused_request_is_refused_alike()
    {
        await Client.GetAttrAsync(Root);
        using var reconnected = await ConnectAsync();
        var request = NfsConnection.DirOp(Root, "file");
        var first = await SendAsync(reconnected, Nfs3Procedure.Remove, request);
        Assert.That(first[..4], Is.EqualTo(new byte[] { 0, 0, 0, 2 }));
        await reconnected.FileAsync(Root, "file");

        var late = await SendAsync(Client, Nfs3Procedure.Remove, request);
        Assert.That(late[..4], Is.EqualTo(first[..4]));
        Assert.That((await reconnected.LookupAsync(Root, "file")).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    [Test]
    public async Task Another_transaction_another_argument_and_another_user_are_other_requests()
    {
        var request = NfsConnection.MkDirArguments(Root, "d", 0x1FF);
        await SendAsync(Client, Nfs3Procedure.MkDir, request);

        var otherXid = await SendAsync(Client, Nfs3Procedure.MkDir, request, Xid + 1);
        Assert.That(otherXid[..4], Is.EqualTo(new byte[] { 0, 0, 0, 17 }));

        var otherName = await SendAsync(Client, Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "e"));
        Assert.That(otherName[..4], Is.EqualTo(new byte[4]));

        Client.Credentials = RpcCredentials.Sys(0, 0, [5], "client");
        var otherGroups = await SendAsync(Client, Nfs3Procedure.MkDir, request);
        Assert.That(otherGroups[..4], Is.EqualTo(new byte[] { 0, 0, 0, 17 }));
    }

    [Test]
    public async Task The_machine_name_does_not_matter()
    {
        var request = NfsConnection.MkDirArguments(Root, "d");
        var first = await SendAsync(Client, Nfs3Procedure.MkDir, request);
        Client.Credentials = RpcCredentials.Sys(0, 0, [], "renamed");
        Assert.That(await SendAsync(Client, Nfs3Procedure.MkDir, request), Is.EqualTo(first));
    }

    [Test]
    public async Task Twins_sent_at_once_are_executed_once()
    {
        using var other = await ConnectAsync();
        var request = NfsConnection.MkDirArguments(Root, "d");
        for (uint round = 0; round < 50; round++)
        {
            var name = NfsConnection.MkDirArguments(Root, $"d{round}");
            var replies = await Task.WhenAll(
                SendAsync(Client, Nfs3Procedure.MkDir, name, 500 + round),
                SendAsync(other, Nfs3Procedure.MkDir, name, 500 + round));
            var statuses = replies.Select(reply => reply[3]).Order().ToArray();

            // Either a retransmission, or another client's request: never two creations.
            Assert.That(statuses, Is.EqualTo(new byte[] { 0, 0 }).Or.EqualTo(new byte[] { 0, 17 }));
            if (statuses[1] == 0) Assert.That(replies[0], Is.EqualTo(replies[1]));
        }

        Assert.That(request, Is.Not.Empty);
    }

    private static TestCaseData Case(Nfs3Procedure procedure, Func<Nfs3Handle, Nfs3Handle, byte[]> arguments) =>
        new TestCaseData(procedure, arguments).SetArgDisplayNames(procedure.ToString());

    private static async Task<byte[]> SendAsync(
        NfsConnection client, Nfs3Procedure procedure, byte[] arguments, uint xid = Xid)
    {
        client.NextXid = xid;
        var reply = await client.CallAsync(procedure, arguments);
        client.NextXid = 100_000;
        return reply;
    }

    private async Task<Nfs3Handle> PrepareAsync()
    {
        await Client.DirectoryAsync(Root, "directory");
        return await Client.FileAsync(Root, "file");
    }
}
