using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem;

/// <summary>Nodes that lose their last name while they are open.</summary>
[TestFixture]
public sealed class UnnamedTests : TreeFixture
{
    [Test]
    public async Task AnOpenFileOutlivesItsName()
    {
        await CreateAsync(Tree.Root, "other");
        var rows = CountRows();
        var file = await CreateAsync(Tree.Root, "File");
        await MakeStreamAsync(file, "s", Pattern(2, 40_000));
        var open = await OpenAsync("file");
        await WriteAsync(file, 0, Pattern(1, 100_000), WriteStability.Unstable);

        await OkAsync(Tree.RemoveAsync(Tree.Root, "File"u8, Root));

        Assert.That(await LookupStatusAsync(Tree.Root, "File"), Is.EqualTo(FileStatus.NoEntry));
        Assert.That((await AttributesAsync(file)).Links, Is.Zero);
        Assert.That(await ReadAsync(file, 0, 200_000), Is.EqualTo(Pattern(1, 100_000)));
        Assert.That((await Tree.LinkAsync(file, Tree.Root, "back"u8, Root)).Status, Is.EqualTo(FileStatus.Stale));

        await open.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(file)).Status, Is.EqualTo(FileStatus.Stale));
        await Tree.FlushAsync();
        Assert.That(CountRows(), Is.EqualTo(rows));
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    [Test]
    public async Task SoDoesADirectoryButNothingIsMadeInIt()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var open = await OpenAsync("d");
        await OkAsync(Tree.RemoveDirectoryAsync(Tree.Root, "d"u8, Root));

        var made = await Tree.CreateAsync(directory, "x"u8, CreateMode.Guarded, default, 0, Root);
        Assert.That(made.Status, Is.EqualTo(FileStatus.Stale));
        await open.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(directory)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task ARenameOverAnOpenFileKeepsIt()
    {
        var old = await CreateAsync(Tree.Root, "old");
        await WriteAsync(old, 0, [1]);
        var open = await OpenAsync("old");
        var renewed = await CreateAsync(Tree.Root, "new");

        await OkAsync(Tree.RenameAsync(Tree.Root, "new"u8, Tree.Root, "old"u8, Root));

        Assert.That(await FindAsync(Tree.Root, "old"), Is.EqualTo(renewed));
        Assert.That(await ReadAsync(old, 0, 10), Is.EqualTo(new byte[] { 1 }));
        await open.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(old)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [Test]
    public async Task AfterARestartNothingIsOpen()
    {
        var rows = CountRows();
        var file = await CreateAsync(Tree.Root, "File");
        await WriteAsync(file, 0, Pattern(1, 100_000));
        await OpenAsync("File");
        await OkAsync(Tree.RemoveAsync(Tree.Root, "File"u8, Root));

        Store.StartNextEpoch();
        await ReopenAsync();

        Assert.That((await Tree.GetAttributesAsync(file)).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That(CountRows(), Is.EqualTo(rows));
        Assert.That(Store.LiveSlices(), Is.Empty);
    }

    private async Task<Open> OpenAsync(string name)
    {
        var opened = await Tree.Opens.OpenAsync(new OpenRequest
        {
            Root = Tree.Root,
            Path = [Bytes(name)],
            Access = AccessMask.ReadData,
            Share = ShareModes.Read | ShareModes.Write | ShareModes.Delete,
            Disposition = OpenDisposition.Open,
            Token = new SecurityToken(Root, Tree.Sids),
            Holder = new Holder(),
        });
        Assert.That(opened.Status, Is.EqualTo(FileStatus.Ok));
        return opened.Open!;
    }

    private sealed class Holder : IOpenHolder
    {
        public bool IsConnected => true;

        public void BreakOplock(Open open, OplockLevel to)
        {
        }

        public void BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge)
        {
        }

        public void Closed(Open open)
        {
        }
    }
}
