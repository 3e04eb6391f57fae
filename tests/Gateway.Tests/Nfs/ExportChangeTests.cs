using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Nfs;

/// <summary>What is exported changes under clients that are there.</summary>
public sealed class ExportChangeTests : NfsFixture
{
    private static readonly ExportClientOptions Everybody = new() { Match = "*" };

    [Test]
    public async Task A_client_that_is_there_is_held_to_the_new_rules_and_back()
    {
        await Tree.SetAttributesAsync(Tree.Root, new AttributeChanges { Mode = 0x1FF }, null, Caller.Root);
        Assert.That((await Client.CreateAsync(Root, "a")).ObjectAttributes?.UserId, Is.Zero);
        Table.Replace([Export(Everybody with { ReadOnly = true })]);
        Assert.That((await Client.CreateAsync(Root, "b")).Status, Is.EqualTo(Nfs3Status.ReadOnly));
        Assert.That((await Client.LookupAsync(Root, "a")).Status, Is.EqualTo(Nfs3Status.Ok));

        Table.Replace([Export(Everybody with { Squash = Squash.Root, AnonymousUserId = 7 })]);
        Assert.That((await Client.CreateAsync(Root, "c")).ObjectAttributes?.UserId, Is.EqualTo(7));

        Table.Replace([Export(Everybody with { Match = "10.0.0.0/8" })]);
        Assert.That((await Client.LookupAsync(Root, "a")).Status, Is.EqualTo(Nfs3Status.Access));

        Table.Replace([Export(Everybody)]);
        Assert.That((await Client.CreateAsync(Root, "d")).ObjectAttributes?.UserId, Is.Zero);
    }

    [Test]
    public async Task What_is_exported_no_more_is_neither_mounted_nor_entered()
    {
        Table.Replace([Export(Everybody, "/other")]);
        Assert.That((await Client.MountAsync("/files")).Status, Is.EqualTo(MountStatus.NoEntry));
        Assert.That((await Client.MountAsync("/other")).Status, Is.EqualTo(MountStatus.Ok));
        Assert.That((await Client.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok), "The volume still is exported.");
    }

    [Test]
    public async Task Nobody_is_let_into_a_volume_that_is_not_exported_any_more()
    {
        Table.Replace([new ExportOptions { Path = "/else", Volume = "else", Clients = [Everybody] }]);
        Assert.That((await Client.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Access));
        Assert.That((await Client.MountAsync("/files")).Status, Is.EqualTo(MountStatus.NoEntry));
        Table.Replace([Export(Everybody)]);
        Assert.That((await Client.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    [Test]
    public async Task Exports_that_make_no_sense_change_nothing()
    {
        Assert.That(() => Table.Replace([Export(Everybody with { Match = "10.0.0.300" })]), Throws.TypeOf<ExportException>());
        Assert.That(() => Table.Replace([Export(Everybody), Export(Everybody)]), Throws.TypeOf<ExportException>());
        Assert.That((await Client.CreateAsync(Root, "a")).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    // Its requests may be copies of what an owner before us has answered.
    [Test]
    public async Task A_connection_that_is_older_than_the_volume_ends_with_its_first_request()
    {
        using var idle = await ConnectAsync();
        await idle.MountAsync("/files");
        Table.Close("files");
        Table.Open("files", Tree, Host.Handler.NewestPeer);
        await idle.Socket.SendAsync(RpcSocket.Marked(RpcSocket.Call(
            1, Nfs3Protocol.Program, 3, (uint)Nfs3Procedure.MkDir, NfsConnection.MkDirArguments(Root, "late"), NfsConnection.RootUser)));
        Assert.That(await idle.Socket.ReceiveAsync(), Is.Null, "it is closed");

        using var reconnected = await ConnectAsync();
        Assert.That((await reconnected.LookupAsync(Root, "late")).Status, Is.EqualTo(Nfs3Status.NoEntry));
    }

    // Which is what a volume gets of which nobody has said anything.
    [Test]
    public void A_declared_volume_has_its_export_as_long_as_nothing_else_is_said()
    {
        var table = new ExportTable([ExportOptions.Default("files")], new Dictionary<string, FileTree> { ["files"] = Tree });
        table.Declare("more");
        table.Open("more", Tree);
        Assert.That(PathsOf(table), Is.EqualTo(new[] { "/files", "/more" }));
        table.Replace([Export(Everybody, "/x")]);
        Assert.That(PathsOf(table), Is.EqualTo(new[] { "/x" }));
        table.Replace([ExportOptions.Default("files")]);
        Assert.That(PathsOf(table), Is.EqualTo(new[] { "/files", "/more" }));
    }

    private static IEnumerable<string> PathsOf(ExportTable table) => table.Exports.Select(export => export.Path);

    private static ExportOptions Export(ExportClientOptions client, string path = "/files") =>
        new() { Path = path, Volume = "files", Clients = [client] };
}
