using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem;

[TestFixture]
public sealed class AttributeTests : TreeFixture
{
    private const uint SetUid = 0x800;
    private const uint SetGid = 0x400;

    private async Task<ChangeResult> SetAsync(NodeId node, AttributeChanges changes, Caller caller = default) =>
        await Tree.SetAttributesAsync(node, changes, null, caller);

    private async Task<NodeId> AlicesFileAsync(uint mode = 0x1A4)
    {
        var mine = await MakeDirectoryAsync(Tree.Root, "mine", Root, 0x1FF);
        return await CreateAsync(mine, "f", Alice, mode);
    }

    [Test]
    public async Task OnlyTheOwnerChangesTheMode()
    {
        var file = await AlicesFileAsync();
        Assert.That((await SetAsync(file, Mode(0x180), Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        var result = await SetAsync(file, Mode(0x180), Alice);
        Assert.That(result.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(result.Node.After!.Value.Mode, Is.EqualTo(0x180));
        Assert.That(result.Node.After!.Value.ChangeTime, Is.GreaterThan(result.Node.Before!.Value.ChangeTime));
        Assert.That(result.Node.After!.Value.ModifyTime, Is.EqualTo(result.Node.Before!.Value.ModifyTime));
    }

    [Test]
    public async Task OnlyRootGivesFilesAway()
    {
        var file = await AlicesFileAsync();
        Assert.That((await SetAsync(file, new() { Uid = 1001 }, Alice)).Status, Is.EqualTo(FileStatus.NotPermitted));
        Assert.That((await SetAsync(file, new() { Uid = 1000 }, Alice)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await SetAsync(file, new() { Gid = 500 }, Alice)).Status, Is.EqualTo(FileStatus.NotPermitted));
        var member = new Caller(1000, 100, new uint[] { 500 });
        Assert.That((await SetAsync(file, new() { Gid = 500 }, member)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await SetAsync(file, new() { Uid = 1001, Gid = 7 })).Status, Is.EqualTo(FileStatus.Ok));
        var attributes = await AttributesAsync(file);
        Assert.That((attributes.Uid, attributes.Gid), Is.EqualTo((1001u, 7u)));
    }

    [Test]
    public async Task PrivilegesGoWithOwnerAndContent()
    {
        var file = await AlicesFileAsync();
        await SetAsync(file, Mode(SetUid | SetGid | 0x1FF), Alice);
        Assert.That((await AttributesAsync(file)).Mode, Is.EqualTo(SetUid | SetGid | 0x1FF));

        await SetAsync(file, new() { Gid = 100 }, Alice);
        Assert.That((await AttributesAsync(file)).Mode, Is.EqualTo(0x1FF));

        foreach (var stability in Enum.GetValues<WriteStability>())
        {
            await SetAsync(file, Mode(SetUid | SetGid | 0x1FF), Alice);
            await WriteAsync(file, 0, Pattern(1, 10), stability, Bob);
            await Tree.CommitAsync(file, Root);
            Assert.That((await AttributesAsync(file)).Mode, Is.EqualTo(0x1FF), $"{stability}");
        }

        await SetAsync(file, Mode(SetUid | 0x1FF), Alice);
        await WriteAsync(file, 0, Pattern(1, 10));
        Assert.That((await AttributesAsync(file)).Mode, Is.EqualTo(SetUid | 0x1FF), "root's writes keep them");
    }

    [Test]
    public async Task SetGroupIdNeedsMembership()
    {
        var file = await AlicesFileAsync();
        await SetAsync(file, new() { Gid = 7 });
        await SetAsync(file, Mode(SetGid | 0x1FF), Alice);
        Assert.That((await AttributesAsync(file)).Mode, Is.EqualTo(0x1FF));
    }

    [Test]
    public async Task SetGroupIdDirectoriesPassTheirGroupOn()
    {
        var shared = await MakeDirectoryAsync(Tree.Root, "shared", Root, 0x1FF);
        await SetAsync(shared, new() { Gid = 700 });
        await SetAsync(shared, Mode(SetGid | 0x1FF));
        var file = await AttributesAsync(await CreateAsync(shared, "f", Alice));
        var directory = await AttributesAsync(await MakeDirectoryAsync(shared, "d", Alice));

        Assert.That(file.Gid, Is.EqualTo(700));
        Assert.That(directory.Gid, Is.EqualTo(700));
        Assert.That(directory.Mode & SetGid, Is.EqualTo(SetGid));
    }

    [Test]
    public async Task TimesFollowTheRulesOfUtimes()
    {
        var file = await AlicesFileAsync(0x1B6);
        var time = TimeChange.To(new Timestamp(1_000_000_000, 5));
        Assert.That(
            (await SetAsync(file, new() { ModifyTime = time }, Bob)).Status, Is.EqualTo(FileStatus.NotPermitted));
        var now = new AttributeChanges { ModifyTime = TimeChange.ToServerTime, AccessTime = TimeChange.ToServerTime };
        Assert.That((await SetAsync(file, now, Bob)).Status, Is.EqualTo(FileStatus.Ok), "who may write may touch");
        Assert.That((await SetAsync(file, Mode(0x1A4), Alice)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await SetAsync(file, now, Bob)).Status, Is.EqualTo(FileStatus.AccessDenied));

        await SetAsync(file, new() { ModifyTime = time, AccessTime = time }, Alice);
        var attributes = await AttributesAsync(file);
        Assert.That(attributes.ModifyTime, Is.EqualTo(new Timestamp(1_000_000_000, 5)));
        Assert.That(attributes.AccessTime.SubsecondNanoseconds, Is.EqualTo(5));
    }

    [Test]
    public async Task ExplicitTimesOutliveBufferedWrites()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, Pattern(1, 100_000), WriteStability.Unstable);
        var time = TimeChange.To(new Timestamp(1_000_000_000, 0));
        await SetAsync(file, new() { ModifyTime = time });
        Assert.That((await AttributesAsync(file)).ModifyTime.Seconds, Is.EqualTo(1_000_000_000));
        await Tree.CommitAsync(file, Root);
        Assert.That((await AttributesAsync(file)).ModifyTime.Seconds, Is.EqualTo(1_000_000_000));
    }

    [Test]
    public async Task TheGuardComparesTheChangeTime()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var seen = (await AttributesAsync(file)).ChangeTime;
        var first = await Tree.SetAttributesAsync(file, Mode(0x180), seen, Root);
        var second = await Tree.SetAttributesAsync(file, Mode(0x1FF), seen, Root);
        Assert.That(first.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(second.Status, Is.EqualTo(FileStatus.GuardMismatch));
        Assert.That(second.Node.After!.Value.Mode, Is.EqualTo(0x180));
    }

    [Test]
    public async Task SizeNeedsWritePermissionOrOwnership()
    {
        var file = await AlicesFileAsync(0x124);
        Assert.That((await SetAsync(file, new() { Size = 5 }, Alice)).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await SetAsync(file, new() { Size = 6 }, Bob)).Status, Is.EqualTo(FileStatus.AccessDenied));
        var strict = await Tree.SetAttributesAsync(file, new() { Size = 7 }, null, Alice, null, DataAccess.ByMode);
        Assert.That(strict.Status, Is.EqualTo(FileStatus.AccessDenied));
        Assert.That((await SetAsync(Tree.Root, new() { Size = 0 })).Status, Is.EqualTo(FileStatus.IsDirectory));
        Assert.That((await SetAsync(file, new() { Size = -1 })).Status, Is.EqualTo(FileStatus.InvalidArgument));
        Assert.That((await SetAsync(file, new() { Size = long.MaxValue })).Status, Is.EqualTo(FileStatus.Ok));
        Assert.That((await AttributesAsync(file)).Size, Is.EqualTo(long.MaxValue));
        Assert.That((await AttributesAsync(file)).Used, Is.Zero);
    }

    [Test]
    public async Task ChangeTimesAlwaysGrow()
    {
        var file = await CreateAsync(Tree.Root, "f");
        var last = (await AttributesAsync(file)).ChangeTime;
        for (var i = 0; i < 200; i++)
        {
            if (i % 3 == 0) await SetAsync(file, Mode((uint)i & 0x1FF));
            else await WriteAsync(file, i, [1], i % 3 == 1 ? WriteStability.Unstable : WriteStability.FileSync);
            var now = (await AttributesAsync(file)).ChangeTime;
            Assert.That(now, Is.GreaterThan(last), $"{i}");
            last = now;
        }
    }

    [TestCase(0x1ED, true, AccessRights.Read | AccessRights.Lookup)]
    [TestCase(0x1FF, true, (AccessRights)0x1F)]
    [TestCase(0x1C0, true, AccessRights.None)]
    [TestCase(0x1ED, false, AccessRights.Read | AccessRights.Execute)]
    [TestCase(0x1B6, false, AccessRights.Read | AccessRights.Modify | AccessRights.Extend)]
    public async Task AccessTellsWhatTheModeGrants(int mode, bool directory, AccessRights expected)
    {
        var node = directory
            ? await MakeDirectoryAsync(Tree.Root, "n", Root, (uint)mode)
            : await CreateAsync(Tree.Root, "n", Root, (uint)mode);
        var result = await Tree.AccessAsync(node, (AccessRights)0x3F, Alice);
        Assert.That(result.Granted, Is.EqualTo(expected));
    }

    [Test]
    public async Task GroupsCountAndClassesDoNotMix()
    {
        var file = await AlicesFileAsync();
        await SetAsync(file, new() { Gid = 500 });
        await SetAsync(file, Mode(0x1A0), Root);
        var member = new Caller(1001, 101, new uint[] { 3, 500 });
        Assert.That((await Tree.AccessAsync(file, AccessRights.Read, member)).Granted, Is.EqualTo(AccessRights.Read));
        Assert.That((await Tree.AccessAsync(file, AccessRights.Read, Bob)).Granted, Is.EqualTo(AccessRights.None));

        await SetAsync(file, Mode(0x03F), Root);
        Assert.That((await Tree.AccessAsync(file, AccessRights.Read, Alice)).Granted, Is.EqualTo(AccessRights.None));
    }

    [Test]
    public async Task DataAccessDiffersByServerRule()
    {
        var file = await AlicesFileAsync(0x049);
        var buffer = new byte[1];
        var strict = await Tree.ReadAsync(file, 0, buffer, Bob, DataAccess.ByMode);
        var byExecute = await Tree.ReadAsync(file, 0, buffer, Bob, DataAccess.OwnerOverride);
        var owner = await WriteAsync(file, 0, [1], WriteStability.FileSync, Alice);
        var other = await WriteAsync(file, 0, [1], WriteStability.FileSync, Bob);
        Assert.That(strict.Status, Is.EqualTo(FileStatus.AccessDenied));
        Assert.That(byExecute.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(owner.Status, Is.EqualTo(FileStatus.Ok));
        Assert.That(other.Status, Is.EqualTo(FileStatus.AccessDenied));
    }

    [Test]
    public async Task ReadsSetTheAccessTimeByAndBy()
    {
        var file = await CreateAsync(Tree.Root, "f");
        await WriteAsync(file, 0, [1, 2, 3]);
        var before = await AttributesAsync(file);
        await ReadAsync(file, 0, 3);
        var committed = Store.Committed;
        await ReadAsync(file, 0, 3);
        Assert.That(Store.Committed, Is.EqualTo(committed), "a read writes nothing itself");

        await Task.Delay(TimeSpan.FromSeconds(1.05));
        await Tree.RunBackgroundRoundAsync();
        var after = await AttributesAsync(file);
        Assert.That(after.AccessTime, Is.GreaterThan(before.AccessTime));
        Assert.That(after.ChangeTime, Is.EqualTo(before.ChangeTime));
        await ReadAsync(file, 0, 3);
        await Task.Delay(TimeSpan.FromSeconds(1.05));
        committed = Store.Committed;
        await Tree.RunBackgroundRoundAsync();
        Assert.That(Store.Committed, Is.EqualTo(committed), "relatime asks for one only");
    }
}
