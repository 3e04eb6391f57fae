using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Opens;

[TestFixture]
public sealed class LeaseTests : OpenFixture
{
    [TestCase("", "")]
    [TestCase("R", "R")]
    [TestCase("H", "")]
    [TestCase("W", "")]
    [TestCase("RH", "RH")]
    [TestCase("RW", "RW")]
    [TestCase("WH", "")]
    [TestCase("RWH", "RWH")]
    public async Task OnlySomeStatesAreGranted(string asked, string granted)
    {
        var open = await OpenAsync(NewClient(), "f", Lease(1, asked));
        Assert.That(Text(open.Lease!.State), Is.EqualTo(granted));
    }

    [TestCase("R", "RWH", "RWH")]
    [TestCase("RH", "RW", "RH")]
    [TestCase("RW", "RH", "RW")]
    [TestCase("RWH", "R", "RWH")]
    [TestCase("", "RW", "RW")]
    public async Task OnlyMoreIsAnUpgrade(string held, string asked, string becomes)
    {
        var client = NewClient();
        await OpenAsync(client, "f", Lease(1, held));
        var again = await OpenAsync(client, "f", Lease(1, asked));
        Assert.That(Text(again.Lease!.State), Is.EqualTo(becomes));
        Assert.That(client.Breaks(), Is.Empty);
    }

    [TestCase("R", "RWH", "R", "RH")]
    [TestCase("RH", "RW", "RH", "R")]
    [TestCase("RH", "RWH", "RH", "RH")]
    [TestCase("RW", "R", "R", "R")]
    [TestCase("RW", "RWH", "R", "RH")]
    [TestCase("RWH", "R", "RH", "R")]
    [TestCase("RWH", "RWH", "RH", "RH")]
    public async Task AnotherLeaseBreaksWriting(string held, string asked, string broken, string granted)
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", Lease(1, held));
        var second = await OpenAsync(client, "f", Lease(2, asked));
        Assert.That(Text(first.Lease!.State), Is.EqualTo(broken));
        Assert.That(Text(second.Lease!.State), Is.EqualTo(granted));
        Assert.That(client.Breaks(), Is.EqualTo(held == broken ? "" : $"{held}>{broken}"));
    }

    [TestCase("R", "b", "R", "s")]
    [TestCase("RH", "s", "RH", "")]
    [TestCase("RW", "x", "R", "s")]
    [TestCase("RWH", "b", "RH", "")]
    public async Task AnOplockMeetsALease(string held, string asked, string broken, string granted)
    {
        var first = await OpenAsync(NewClient(), "f", Lease(1, held));
        var second = await OpenAsync(NewClient(), "f", Oplock(asked));
        Assert.That(Text(first.Lease!.State), Is.EqualTo(broken));
        Assert.That(second.Oplock, Is.EqualTo(LevelOf(granted)));
    }

    [TestCase("s", "RH")]
    [TestCase("x", "RWH")]
    [TestCase("b", "RW")]
    public async Task ALeaseMeetsAnOplock(string held, string asked)
    {
        var first = await OpenAsync(NewClient(), "f", Oplock(held));
        var second = await OpenAsync(NewClient(), "f", Lease(1, asked));
        Assert.That(first.Oplock, Is.EqualTo(OplockLevel.LevelTwo));
        Assert.That(Text(second.Lease!.State), Is.EqualTo("R"));
    }

    [Test]
    public async Task AKeyIsForOneFile()
    {
        var client = NewClient();
        await OpenAsync(client, "f", Lease(1, "RWH"));
        Assert.That(await OpenStatusAsync(client, "g", Lease(1, "R")), Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That(await LookupStatusAsync(Tree.Root, "g"), Is.EqualTo(FileStatus.NoEntry), "nothing was made");
        Assert.That(await OpenStatusAsync(NewClient(), "g", Lease(1, "R")), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task AnOpenWaitsForTheAnswerAndTheHolderMayGoOnMeanwhile()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RWH"));
        var second = TryOpenAsync(NewClient(), "f");
        Assert.That(await StillRunsAsync(second));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));

        var own = await OpenAsync(client, "f", Lease(1, "RWH"));
        Assert.That(own.Lease!.Breaking);
        Assert.That(Text(own.Lease.State), Is.EqualTo("RWH"));

        Assert.That(first.Lease!.Acknowledge(StateOf("RWH")), Is.EqualTo(FileStatus.BreakRefused));
        Assert.That(first.Lease.Acknowledge(StateOf("RH")), Is.EqualTo(FileStatus.Ok));
        Assert.That(first.Lease.Acknowledge(StateOf("RH")), Is.EqualTo(FileStatus.NotBreaking));
        Assert.That((await second).Status, Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task WhatIsNeededDuringABreakIsBrokenInSteps()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", LeaseV2(1, "RWH", 0x11));
        var second = TryOpenAsync(NewClient(), "f");
        await StillRunsAsync(second);
        var third = TryOpenAsync(NewClient(), "f", disposition: OpenDisposition.Overwrite);
        Assert.That(await StillRunsAsync(third));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));
        Assert.That(client.LastEpoch, Is.EqualTo(0x13));

        first.Lease!.Acknowledge(StateOf("RH"));
        Assert.That(client.Breaks(), Is.EqualTo("RH>R"));
        Assert.That(client.LastEpoch, Is.EqualTo(0x13));
        Assert.That(await StillRunsAsync(second) && await StillRunsAsync(third));

        first.Lease.Acknowledge(StateOf("R"));
        Assert.That(client.Breaks(), Is.EqualTo("R>!"));
        Assert.That((await second).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await third).Action, Is.EqualTo(OpenAction.Overwritten));
    }

    [Test]
    public async Task OverwritingDoesNotWaitForReaders()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RH"));
        for (var i = 0; i < 2; i++)
        {
            Assert.That(
                await OpenStatusAsync(NewClient(), "f", disposition: OpenDisposition.Overwrite),
                Is.EqualTo(FileStatus.Ok));
        }

        Assert.That(client.Breaks(), Is.EqualTo("RH>"));
        Assert.That(first.Lease!.Breaking);
        Assert.That(first.Lease.Acknowledge(LeaseState.None), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task WhoDoesNotAnswerLosesAll()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RWH"));
        var second = TryOpenAsync(NewClient(), "f", Lease(2, "RWH"));
        await StillRunsAsync(second);
        Advance(36);
        Assert.That(Text((await second).Open!.Lease!.State), Is.EqualTo("RH"));
        Assert.That(first.Lease!.State, Is.EqualTo(LeaseState.None));
        Assert.That(first.Lease.Acknowledge(StateOf("RH")), Is.EqualTo(FileStatus.NotBreaking));
    }

    [Test]
    public async Task AViolatedHandleLeaseIsAskedToLetGo()
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", LeaseV2(1, "RWH", 0x11));
        Assert.That(
            await OpenStatusAsync(NewClient(), "f", share: ShareModes.Read), Is.EqualTo(FileStatus.SharingViolation));
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RW"));
        Assert.That(client.LastEpoch, Is.EqualTo(0x13));
        Assert.That(await OpenStatusAsync(NewClient(), "f"), Is.EqualTo(FileStatus.Ok));
        Assert.That(client.Breaks(), Is.EqualTo("RW>R"));
        Assert.That(first.Lease!.Epoch, Is.EqualTo(0x14));
    }

    [Test]
    public async Task WritingAndLockingBreakOtherReadersOnly()
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", Lease(1, "R"));
        var second = await OpenAsync(client, "f", Lease(2, "R"));
        Assert.That(await WriteAsync(first, "x"), Is.EqualTo(FileStatus.Ok));
        Assert.That(client.Breaks(), Is.EqualTo("R>!"));
        Assert.That(Text(first.Lease!.State) + Text(second.Lease!.State), Is.EqualTo("R"));

        Assert.That(await second.LockAsync(0, 1, true, false), Is.EqualTo(FileStatus.Ok));
        Assert.That(first.Lease.State, Is.EqualTo(LeaseState.None));
    }

    [Test]
    public async Task ALookAtAttributesDisturbsNobody()
    {
        var client = NewClient();
        await OpenAsync(client, "f", Lease(1, "RWH"));
        foreach (var access in new[] { AccessMask.ReadAttributes, AccessMask.Synchronize, AccessMask.ReadControl })
            await OpenAsync(NewClient(), "f", access: access);
        Assert.That(client.Breaks(), Is.Empty);
        await OpenAsync(NewClient(), "f", access: AccessMask.ReadData);
        Assert.That(client.Breaks(), Is.EqualTo("RWH>RH"));
    }

    [Test]
    public async Task AClientThatIsAwayLosesItsOpen()
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", Lease(1, "RWH"));
        client.IsConnected = false;
        var second = await OpenAsync(NewClient(), "f", Lease(1, "RWH"));
        Assert.That(Text(second.Lease!.State), Is.EqualTo("RWH"));
        Assert.That(client.Ended, Is.EqualTo(new[] { first }));
        Assert.That(client.Breaks(), Is.Empty);
        Assert.That(first.IsClosed);
    }

    [Test]
    public async Task DirectoryLeasesAreBrokenByOthersChanges()
    {
        var client = NewClient();
        await MakeDirectoryAsync(Tree.Root, "d", mode: 0x1FF);
        var directory = await OpenAsync(
            client, "d", LeaseV2(1, "RWH", 0x22), AccessMask.ReadData, options: OpenOptions.Directory);
        Assert.That(Text(directory.Lease!.State), Is.EqualTo("RH"));

        var own = await OpenAsync(client, "d/own", LeaseV2(2, "RWH", 0, parent: 1));
        Assert.That(client.Breaks(), Is.Empty);
        await OpenAsync(client, "d/other", LeaseV2(3, "RWH", 0));
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));
        Assert.That(own.Lease!.ParentKey, Is.EqualTo(Key(1)));
    }

    [Test]
    public async Task ABrokenDirectoryLeaseIsGivenAnew()
    {
        var client = NewClient();
        await MakeDirectoryAsync(Tree.Root, "d", mode: 0x1FF);
        var caching = LeaseV2(1, "RWH", 0x22);
        await OpenAsync(client, "d", caching, AccessMask.ReadData, options: OpenOptions.Directory);
        var other = await OpenAsync(NewClient(), "d/other");
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));

        var again = await OpenAsync(client, "d", caching, AccessMask.ReadData, options: OpenOptions.Directory);
        Assert.That(Text(again.Lease!.State), Is.EqualTo("RH"));
        await WriteAsync(other, "x");
        Assert.That(client.Breaks(), Is.Empty);
        await other.CloseAsync();
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));
    }

    [Test]
    public async Task NobodyWaitsForAClientThatCachesADirectory()
    {
        var client = NewClient(answers: false);
        await MakeDirectoryAsync(Tree.Root, "d", mode: 0x1FF);
        await OpenAsync(client, "d", LeaseV2(1, "RWH", 0x22), AccessMask.ReadData, options: OpenOptions.Directory);
        await OpenAsync(NewClient(), "d/other");
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));

        var opening = OpenAsync(client, "d", access: AccessMask.ReadData, options: OpenOptions.Directory);
        Assert.That(opening.Wait(TimeSpan.FromSeconds(10)), "it waits for the answer to the break");
    }

    [Test]
    public async Task FirstKindOfLeaseIsNotForDirectories()
    {
        var open = await OpenAsync(NewClient(), "d", Lease(1, "RWH"), options: OpenOptions.Directory);
        Assert.That(open.Lease, Is.Null);
        Assert.That(open.Oplock, Is.EqualTo(OplockLevel.None));
    }

    [Test]
    public async Task ARenameWaitsForHandleLeases()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RH"));
        var second = await OpenAsync(NewClient(), "f", Lease(2, "RH"));
        var renaming = second.RenameAsync(Tree.Root, Bytes("g"), false).AsTask();
        Assert.That(await StillRunsAsync(renaming));
        Assert.That(client.Breaks(), Is.EqualTo("RH>R"));
        first.Lease!.Acknowledge(StateOf("R"));
        Assert.That(await renaming, Is.EqualTo(FileStatus.Ok));
        Assert.That(first.Name.ToArray(), Is.EqualTo(Bytes("g")));
    }

    [Test]
    public async Task WhoWaitsForHandleLeasesIsToldOnceAndMayGiveUp([Values] bool renames)
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RH"));
        var second = await OpenAsync(NewClient(), "f");
        using var stop = new CancellationTokenSource();
        var told = 0;
        var waiting = renames
            ? second.RenameAsync(Tree.Root, Bytes("g"), false, false, () => told++, stop.Token).AsTask()
            : second.SetDeletePendingAsync(true, () => told++, stop.Token).AsTask();
        Assert.That(await StillRunsAsync(waiting));
        Assert.That(told, Is.EqualTo(1));
        await stop.CancelAsync();
        Assert.That(await waiting, Is.EqualTo(FileStatus.Cancelled));
        Assert.That(first.Name.ToArray(), Is.EqualTo(Bytes("f")));
        Assert.That(first.DeletePending, Is.False);
    }

    [Test]
    public async Task WhoNeedNotWaitIsNotTold()
    {
        await OpenAsync(NewClient(), "f", Lease(1, "RH"));
        var open = await OpenAsync(NewClient(), "f");
        Assert.That(await open.SetDeletePendingAsync(true, () => Assert.Fail("told")), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task AnOpenThatEndsWhileItWaitsDeletesNothing()
    {
        var client = NewClient(answers: false);
        var first = await OpenAsync(client, "f", Lease(1, "RH"));
        var second = await OpenAsync(NewClient(), "f");
        var waiting = second.SetDeletePendingAsync(true).AsTask();
        Assert.That(await StillRunsAsync(waiting));
        await second.CloseAsync();
        Assert.That(await waiting, Is.EqualTo(FileStatus.Closed));
        await first.CloseAsync();
        Assert.That(await LookupStatusAsync(Tree.Root, "f"), Is.EqualTo(FileStatus.Ok));
    }

    [Test]
    public async Task WhoIsAwayLosesAnOpenWhoseContentChanges([Values] bool cuts)
    {
        var client = NewClient();
        var first = await OpenAsync(client, "f", Lease(1, "RH"));
        var writer = await OpenAsync(NewClient(), "f");
        client.IsConnected = false;
        if (cuts) await OkAsync(writer.SetAttributesAsync(new AttributeChanges { Size = 1 }));
        else await WriteAsync(writer, "x");
        Assert.That(client.Ended, Is.EqualTo(new[] { first }), "it would come back to what it has cached");
    }
}
