using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem.Opens;

[TestFixture]
public sealed class DeletionTests : OpenFixture
{
    [Test]
    public async Task TheLastCloseRemovesTheName()
    {
        var first = await OpenAsync(NewClient(), "f", options: OpenOptions.DeleteOnClose);
        var second = await OpenAsync(NewClient(), "f");
        await first.CloseAsync();
        Assert.That(second.DeletePending);
        Assert.That(await OpenStatusAsync(NewClient(), "F"), Is.EqualTo(FileStatus.DeletePending));
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.Ok));
        await second.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.NoEntry));
        Assert.That(Tree.Opens.Count, Is.Zero);
    }

    [TestCase("f")]
    [TestCase("f:stream")]
    public async Task WhoComesDuringTheRemovalWaitsForItsEnd(string path)
    {
        var open = await OpenAsync(NewClient(), path, options: OpenOptions.DeleteOnClose);
        await WriteAsync(open, "content");
        Task<OpenResult>? later = null;
        Store.Interfere = call =>
        {
            if (call != StoreCall.Execute) return null;
            Store.Interfere = null;
            later = TryOpenAsync(NewClient(), path);
            return null;
        };
        await open.CloseAsync();
        var result = await later!;
        Assert.That((result.Status, result.Action), Is.EqualTo((FileStatus.Ok, OpenAction.Created)));
        Assert.That(result.Attributes.Size, Is.Zero);
    }

    [Test]
    public async Task DeletionCanBeTakenBack()
    {
        var open = await OpenAsync(NewClient(), "f");
        Assert.That(await open.SetDeletePendingAsync(true), Is.EqualTo(FileStatus.Ok));
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.DeletePending));
        Assert.That(await open.SetDeletePendingAsync(false), Is.EqualTo(FileStatus.Ok));
        await open.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task OtherNamesStay()
    {
        var file = await CreateAsync(Tree.Root, "f", mode: 0x1FF);
        await Tree.LinkAsync(file, Tree.Root, Bytes("g"), Root);
        var open = await OpenAsync(NewClient(0), "f");
        await open.SetDeletePendingAsync(true);
        Assert.That(await OpenStatusAsync(NewClient(0), "g"), Is.EqualTo(FileStatus.Ok));
        await open.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.NoEntry));
        Assert.That(await LookupStatusAsync(Tree.Root, "g"), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task ReadOnlyFilesAreNotDeleted()
    {
        var made = await TryOpenAsync(
            NewClient(), "f", options: OpenOptions.DeleteOnClose, attributes: DosAttributes.ReadOnly);
        Assert.That(made.Status, Is.EqualTo(FileStatus.CannotDelete));

        var open = (await TryOpenAsync(NewClient(), "f", attributes: DosAttributes.ReadOnly)).Open!;
        Assert.That(await open.SetDeletePendingAsync(true), Is.EqualTo(FileStatus.CannotDelete));
        await open.CloseAsync();
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: AccessMask.WriteData), Is.EqualTo(FileStatus.AccessDenied));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: AccessMask.MaximumAllowed), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task DirectoriesWithEntriesStay()
    {
        var directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory | OpenOptions.DeleteOnClose);
        var file = await OpenAsync(NewClient(), "d/f");
        Assert.That(await directory.SetDeletePendingAsync(true), Is.EqualTo(FileStatus.NotEmpty));
        await directory.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "d"), Is.EqualTo(FileStatus.Ok));

        directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory);
        await file.SetDeletePendingAsync(true);
        await file.CloseAsync();
        Assert.That(await directory.SetDeletePendingAsync(true), Is.EqualTo(FileStatus.Ok));
        Assert.That(await OpenStatusAsync(NewClient(), "d/g"), Is.EqualTo(FileStatus.DeletePending));
        await directory.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "d"), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task AStreamGoesAlone()
    {
        var stream = await OpenAsync(NewClient(), "f:s");
        await stream.SetDeletePendingAsync(true);
        Assert.That(await OpenStatusAsync(NewClient(), "f:s"), Is.EqualTo(FileStatus.DeletePending));
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.Ok));
        await stream.CloseAsync();
        Assert.That(
            await OpenStatusAsync(NewClient(), "f:s", disposition: OpenDisposition.Open), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task RenamesTakeOpensAlong()
    {
        var first = await OpenAsync(NewClient(), "f");
        var second = await OpenAsync(NewClient(), "f");
        Assert.That(await first.RenameAsync(Tree.Root, Bytes("g"), false), Is.EqualTo(FileStatus.Ok));
        Assert.That(second.Name.ToArray(), Is.EqualTo(Bytes("g")));
        Assert.That(await second.SetDeletePendingAsync(true), Is.EqualTo(FileStatus.Ok));
        await first.CloseAsync();
        await second.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "g"), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task ARenameReplacesWhatNobodyKeeps()
    {
        var source = await OpenAsync(NewClient(), "f");
        var sharing = await OpenAsync(NewClient(), "g", access: AccessMask.ReadData);
        var target = await OpenAsync(
            NewClient(), "g", access: AccessMask.ReadData, share: ShareModes.Read | ShareModes.Write);
        Assert.That(await source.RenameAsync(Tree.Root, Bytes("G"), false), Is.EqualTo(FileStatus.Exists));
        Assert.That(await source.RenameAsync(Tree.Root, Bytes("g"), true), Is.EqualTo(FileStatus.AccessDenied));
        await target.CloseAsync();
        Assert.That(await source.RenameAsync(Tree.Root, Bytes("g"), true), Is.EqualTo(FileStatus.Ok));
        Assert.That((await sharing.ReadAsync(0, new byte[1])).Status, Is.EqualTo(FileStatus.Ok), "it keeps its file");
        await sharing.CloseAsync();
        Assert.That(await source.RenameAsync(Tree.Root, Bytes("G"), false), Is.EqualTo(FileStatus.Ok), "its own name");
        Assert.That((await source.PathAsync())!.Single().ToArray(), Is.EqualTo(Bytes("G")));
    }

    [Test]
    public async Task DirectoriesWithOpensBelowAreNotRenamed()
    {
        var directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory);
        var file = await OpenAsync(NewClient(), "d/f");
        Assert.That(await directory.RenameAsync(Tree.Root, Bytes("e"), false), Is.EqualTo(FileStatus.AccessDenied));
        await file.CloseAsync();
        Assert.That(await directory.RenameAsync(Tree.Root, Bytes("e"), false), Is.EqualTo(FileStatus.Ok));
        file = await OpenAsync(NewClient(), "e/f");
        Assert.That((await file.PathAsync())!.Select(name => name.ToArray()), Is.EqualTo(new[] { Bytes("e"), Bytes("f") }));
    }

    [Test]
    public async Task OpensBelowADirectoryGoAlongWithItsRenameAsPosixHasIt()
    {
        var directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory);
        var file = await OpenAsync(NewClient(), "d/f");
        Assert.That(await directory.RenameAsync(Tree.Root, Bytes("e"), false, posix: true), Is.EqualTo(FileStatus.Ok));
        Assert.That((await file.PathAsync())!.Select(name => name.ToArray()), Is.EqualTo(new[] { Bytes("e"), Bytes("f") }));
    }

    [Test]
    public async Task NamesDoNotMoveInADirectoryThatSomebodyMayDelete()
    {
        var directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory);
        var file = await OpenAsync(NewClient(), "d/f");
        Assert.That(
            await file.RenameAsync(directory.File, Bytes("g"), false), Is.EqualTo(FileStatus.SharingViolation));
    }
}
