using Gateway.FileSystem;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Replication.Store;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>A file that is made is open before anybody can see it, and there is none when it cannot be open.</summary>
[TestFixture]
public sealed class MakingTests : OpenFixture
{
    private const int OpensMax = 2;

    protected override FileTreeOptions Options { get; } = new()
    {
        BackgroundPeriod = TimeSpan.Zero,
        Opens = new OpenTableOptions { OpensMax = OpensMax },
    };

    [TestCase("f")]
    [TestCase("f:s")]
    public async Task WhoSeesTheFirstMomentOfAFileMeetsItsOpen(string path)
    {
        var seen = FileStatus.Ok;
        var other = NewClient();
        WhenAdded(() => seen = Now(OpenStatusAsync(other, path, disposition: OpenDisposition.Open)));
        var open = await OpenAsync(
            NewClient(), path, Oplock("b"), share: ShareModes.None, disposition: OpenDisposition.Create);
        Assert.That(seen, Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(open.Oplock, Is.EqualTo(OplockLevel.LevelTwo), "the other one has broken it");
    }

    [TestCase("f")]
    [TestCase("f:s")]
    public async Task AFileThatIsRemovedAtOnceIsOpenNevertheless(string path)
    {
        var removed = FileStatus.Unavailable;
        WhenAdded(() => removed = Now(Tree.RemoveAsync(Tree.Root, Bytes("f"), Root).AsTask()).Status);
        var open = await OpenAsync(NewClient(), path, disposition: OpenDisposition.Create);
        Assert.That(removed, Is.EqualTo(FileStatus.Ok));
        Assert.That(await WriteAsync(open, "content"), Is.EqualTo(FileStatus.Ok));
        await open.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(open.File)).Status, Is.EqualTo(FileStatus.Stale));
        Assert.That(Tree.Opens.Count, Is.Zero);
    }

    [Test]
    public async Task ASecondOpenOfTheSameMomentIsNotTakenForAnother()
    {
        var client = NewClient();
        Open? second = null;
        WhenAdded(() => second = Now(OpenAsync(client, "f", Lease(1, "RH"))));
        var first = await OpenAsync(client, "f", Lease(1, "RWH"), disposition: OpenDisposition.Create);
        Assert.That(second!.Lease, Is.SameAs(first.Lease));
        Assert.That(client.Breaks(), Is.Empty);
    }

    [TestCase("f")]
    [TestCase("f:s")]
    [TestCase("d")]
    public async Task WhatMayNotBeOpenedIsNotMade(string path)
    {
        for (var i = 0; i < OpensMax; i++) await OpenAsync(NewClient(), "other");
        var rows = CountRows();
        var options = path == "d" ? OpenOptions.Directory : OpenOptions.None;
        Assert.That(
            await OpenStatusAsync(NewClient(), path, disposition: OpenDisposition.Create, options: options),
            Is.EqualTo(FileStatus.TooManyOpens));
        Assert.That(CountRows(), Is.EqualTo(rows));
        Assert.That(Tree.Opens.Count, Is.EqualTo(OpensMax));
    }

    [Test]
    public async Task AStreamThatMayNotBeOpenedIsNotMade()
    {
        await CreateAsync(Tree.Root, "f", Alice, mode: 0x1FF);
        for (var i = 0; i < OpensMax; i++) await OpenAsync(NewClient(), "other");
        var rows = CountRows();
        Assert.That(await OpenStatusAsync(NewClient(), "f:s"), Is.EqualTo(FileStatus.TooManyOpens));
        Assert.That(CountRows(), Is.EqualTo(rows));
    }

    [Test]
    public async Task AFileWhoseStreamHasNoProperNameIsNotMade()
    {
        var rows = CountRows();
        var name = new string('s', FileSystemLimits.NameBytesMax + 1);
        Assert.That(await OpenStatusAsync(NewClient(), "f:" + name), Is.EqualTo(FileStatus.NameTooLong));
        Assert.That(CountRows(), Is.EqualTo(rows));
    }

    [Test]
    public async Task AKeyThatComesInUseMeanwhileIsForThatFile()
    {
        var client = NewClient();
        await CreateAsync(Tree.Root, "other", Alice, mode: 0x1FF);
        Before(StoreCall.Execute, () => Now(OpenAsync(client, "other", Lease(1, "RH"))));
        var rows = CountRows();
        Assert.That(await OpenStatusAsync(client, "f", Lease(1, "RH")), Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That(CountRows(), Is.EqualTo(rows));
    }

    [Test]
    public async Task NothingIsMadeInADirectoryThatIsDoomedMeanwhile()
    {
        var directory = await OpenAsync(NewClient(), "d", options: OpenOptions.Directory);
        Before(StoreCall.Execute, () => Now(directory.SetDeletePendingAsync(true).AsTask()));
        Assert.That(await OpenStatusAsync(NewClient(), "d/f"), Is.EqualTo(FileStatus.DeletePending));
        await directory.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "d"), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task AStreamOfAFileThatGoesMeanwhileBelongsToTheNextOfThatName()
    {
        var file = await CreateAsync(Tree.Root, "f", Alice, mode: 0x1FF);
        var keeps = await OpenAsync(NewClient(), "f");
        Before(StoreCall.Execute, () => Now(Tree.RemoveAsync(Tree.Root, Bytes("f"), Root).AsTask()));
        var stream = await OpenAsync(NewClient(), "f:s");
        Assert.That(stream.File, Is.Not.EqualTo(file));
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.Ok));
        await keeps.CloseAsync();
        await stream.CloseAsync();
        Assert.That((await Tree.GetAttributesAsync(file)).Status, Is.EqualTo(FileStatus.Stale));
    }

    [TestCase("f")]
    [TestCase("f:s")]
    public async Task WhenNobodyKnowsWhetherItWasMadeNothingIsOpen(string path)
    {
        Store.Interfere = call =>
            call == StoreCall.Execute ? new StoreInterference(StoreOutcome.Unavailable, AfterEffect: true) : null;
        Assert.That(await OpenStatusAsync(NewClient(), path), Is.EqualTo(FileStatus.Unavailable));
        Store.Interfere = null;
        Assert.That(Tree.Opens.Count, Is.Zero);
        Assert.That(
            await OpenStatusAsync(NewClient(), path, access: AccessMask.ReadData, share: ShareModes.None),
            Is.EqualTo(FileStatus.Ok));
    }

    /// <summary>Runs once, when the next name is visible and who made it does not know it yet.</summary>
    private void WhenAdded(Action action) => Tree.Changes.Add(new FirstMoment(action));

    /// <summary>Runs once, before the next call of the store.</summary>
    private void Before(StoreCall awaited, Action action) => Store.Interfere = call =>
    {
        if (call != awaited) return null;
        Store.Interfere = null;
        action();
        return null;
    };

    /// <summary>Without waiting: over a volume in memory nothing does.</summary>
    private static T Now<T>(Task<T> task)
    {
        Assert.That(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    private sealed class FirstMoment(Action action) : TreeListener
    {
        private bool _over;

        public override bool IsListening => !_over;

        public override void OnChange(TreeChange change)
        {
            if (_over || change.Kind != TreeChangeKind.Added) return;
            _over = true;
            action();
        }
    }
}
