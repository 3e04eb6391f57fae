using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Opens;

[TestFixture]
public sealed class SharingTests : OpenFixture
{
    private const AccessMask Read = AccessMask.ReadData;
    private const AccessMask Write = AccessMask.WriteData;
    private const AccessMask Delete = AccessMask.Delete;

    [TestCase(Read, ShareModes.All, Write, ShareModes.All, true)]
    [TestCase(Read, ShareModes.Read, Write, ShareModes.All, false)]
    [TestCase(Write, ShareModes.All, Read, ShareModes.Read, false)]
    [TestCase(Read, ShareModes.Read, Read, ShareModes.Read, true)]
    [TestCase(Read, ShareModes.Read, Delete, ShareModes.All, false)]
    [TestCase(Delete, ShareModes.All, Read, ShareModes.Read, false)]
    [TestCase(Read, ShareModes.None, AccessMask.ReadAttributes, ShareModes.None, true)]
    public async Task ModesStandAgainstAccessBothWays(
        AccessMask held, ShareModes heldShare, AccessMask asked, ShareModes share, bool fits)
    {
        await OpenAsync(NewClient(), "f", access: held, share: heldShare);
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: asked, share: share),
            Is.EqualTo(fits ? FileStatus.Ok : FileStatus.SharingViolation));
    }

    [Test]
    public async Task ABatchOplockIsAskedBeforeAViolationIsSaid()
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", Oplock("b"), share: ShareModes.None);
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(client.Breaks(), Is.EqualTo("to LevelTwo"));
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(client.Breaks(), Is.Empty);

        Assert.That(await WriteAsync(first, "x"), Is.EqualTo(FileStatus.Ok));
        Assert.That(client.Breaks(), Is.EqualTo("to None"), "its own level II goes too");
        Assert.That(first.AcknowledgeOplock(OplockLevel.None), Is.EqualTo(FileStatus.NotBreaking));
    }

    [Test]
    public async Task WhoClosesInsteadMakesRoom()
    {
        var client = NewClient();
        client.ClosesInstead = true;
        await OpenAsync(client, "f", Oplock("b"), share: ShareModes.None);
        var second = await OpenAsync(NewClient(), "f", Oplock("b"), share: ShareModes.None);
        Assert.That(second.Oplock, Is.EqualTo(OplockLevel.Batch));
    }

    [Test]
    public async Task AnExclusiveOplockIsNotAskedForAViolation()
    {
        var client = NewClient();
        await OpenAsync(client, "f", Oplock("x"), share: ShareModes.None);
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(client.Breaks(), Is.Empty);
    }

    [TestCase(OpenDisposition.Open, "to LevelTwo")]
    [TestCase(OpenDisposition.Overwrite, "to None")]
    [TestCase(OpenDisposition.Supersede, "to None")]
    public async Task OplocksFallAsFarAsTheDispositionNeeds(OpenDisposition disposition, string told)
    {
        var client = NewClient();
        await OpenAsync(client, "f", Oplock("x"));
        var second = await OpenAsync(NewClient(), "f", Oplock("x"), disposition: disposition);
        Assert.That(client.Breaks(), Is.EqualTo(told));
        Assert.That(second.Oplock, Is.EqualTo(OplockLevel.LevelTwo));
    }

    [Test]
    public async Task AnOplockThatIsNotAcknowledgedGoes()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Oplock("b"));
        var second = TryOpenAsync(NewClient(), "f", Oplock("b"));
        Assert.That(await StillRunsAsync(second));
        Advance(36);
        Assert.That((await second).Open!.Oplock, Is.EqualTo(OplockLevel.LevelTwo));
        Assert.That(first.Oplock, Is.EqualTo(OplockLevel.None));
    }

    [Test]
    public async Task AnOpenForAttributesGetsNothingBesideAnExclusiveOne()
    {
        var client = NewClient();
        await OpenAsync(client, "f", Oplock("x"));
        var second = await OpenAsync(NewClient(), "f", Oplock("x"), AccessMask.ReadAttributes);
        Assert.That(second.Oplock, Is.EqualTo(OplockLevel.None));
        Assert.That(client.Breaks(), Is.Empty);
    }

    [Test]
    public async Task StreamsShareByThemselvesButGoWithTheFile()
    {
        await OpenAsync(NewClient(), "f:s", share: ShareModes.None, access: Read | Write);
        Assert.That(await OpenStatusAsync(NewClient(), "f:s"), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: Read | Write, share: ShareModes.None),
            Is.EqualTo(FileStatus.Ok));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: Delete), Is.EqualTo(FileStatus.SharingViolation));
    }

    [Test]
    public async Task ReservationsOfNfsAreShareModesToo()
    {
        var owner = new LockOwner(Bytes("nfs"), Bytes("1"));
        var open = await OpenAsync(NewClient(), "f", access: Read, share: ShareModes.Read);
        Task<FileStatus> ReserveAsync(ShareAccess access, ShareAccess deny) =>
            Tree.Locks.ShareAsync(open.Node, owner, access, deny).AsTask();
        Assert.That(await ReserveAsync(ShareAccess.Write, ShareAccess.None), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await ReserveAsync(ShareAccess.Read, ShareAccess.Read), Is.EqualTo(FileStatus.LockConflict));
        Assert.That(await ReserveAsync(ShareAccess.Read, ShareAccess.Write), Is.EqualTo(FileStatus.Ok));
        await open.CloseAsync();
        Assert.That(await OpenStatusAsync(NewClient(), "f", access: Write), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", access: Read, share: ShareModes.Write),
            Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(await OpenStatusAsync(NewClient(), "f", access: Read), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task AWaitCanBeGivenUp()
    {
        await OpenAsync(NewClient(answers: false), "f", Oplock("b"));
        using var source = new CancellationTokenSource();
        var waiting = TryOpenAsync(NewClient(), "f", cancellation: source.Token);
        Assert.That(await StillRunsAsync(waiting));
        await source.CancelAsync();
        Assert.That((await waiting).Status, Is.EqualTo(FileStatus.Cancelled));
        Assert.That(Tree.Opens.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task OnlyOneOfManyMakesAFile()
    {
        var tries = Enumerable.Range(0, 16)
            .Select(_ => TryOpenAsync(NewClient(), "f", disposition: OpenDisposition.Create))
            .ToArray();
        var results = await Task.WhenAll(tries);
        Assert.That(results.Count(result => result.Status == FileStatus.Ok), Is.EqualTo(1));
        Assert.That(results.Count(result => result.Status == FileStatus.Exists), Is.EqualTo(15));
    }
}
