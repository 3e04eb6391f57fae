using Gateway.FileSystem;
using Gateway.FileSystem.Names;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Directories;
using Gateway.Smb.Names;
using Gateway.Tests.FileSystem;

namespace Gateway.Tests.Smb.Directories;

/// <summary>Enumerations in pieces of any size: every name once, and only what the pattern wants.</summary>
[TestFixture]
internal sealed class DirectoryScanTests : TreeFixture
{
    private const int Many = 300;

    [TestCase(FileInformationClass.Names, 64)]
    [TestCase(FileInformationClass.Names, 4096)]
    [TestCase(FileInformationClass.IdBothDirectory, 140)]
    [TestCase(FileInformationClass.IdBothDirectory, 700)]
    [TestCase(FileInformationClass.FullDirectory, 1000)]
    [TestCase(FileInformationClass.IdExtdDirectory, 65536)]
    public async Task AnyOutputSizeGivesEachNameOnce(FileInformationClass informationClass, int outputBytes)
    {
        var names = new List<string> { ".", ".." };
        for (var index = 0; index < Many; index++)
        {
            names.Add($"n{index}");
            await CreateAsync(Tree.Root, $"n{index}");
        }

        using var scan = new DirectoryScan();
        scan.Restart("*");
        var seen = await ReadAllAsync(scan, new DirectoryListing { InformationClass = informationClass }, outputBytes);
        Assert.That(seen, Is.EqualTo(names));
    }

    [Test]
    public async Task SingleEntriesComeOneByOne()
    {
        for (var index = 0; index < 5; index++) await CreateAsync(Tree.Root, $"n{index}");
        using var scan = new DirectoryScan();
        scan.Restart("*");
        var listing = new DirectoryListing { InformationClass = FileInformationClass.Names, SingleEntry = true };
        for (var index = 0; index < 7; index++)
            Assert.That(await ReadAsync(scan, listing, 4096), Has.Count.EqualTo(1));
        Assert.That(await ReadAsync(scan, listing, 4096), Is.Empty);
    }

    [TestCase("n1?", 10)]
    [TestCase("*.txt", 1)]
    [TestCase("N2<", 11)]
    [TestCase("nothing*", 0)]
    public async Task OnlyWhatMatchesIsGiven(string pattern, int count)
    {
        for (var index = 0; index < 40; index++) await CreateAsync(Tree.Root, $"n{index}");
        await CreateAsync(Tree.Root, "a.TXT");
        using var scan = new DirectoryScan();
        scan.Restart(pattern);
        var seen = await ReadAllAsync(scan, new DirectoryListing { InformationClass = FileInformationClass.Names }, 200);
        Assert.That(seen, Has.Count.EqualTo(count));
        Assert.That(seen, Is.Unique);
    }

    [TestCase("N7", "n7")]
    [TestCase("a.txt", "a.TXT")]
    [TestCase("nothing", null)]
    public async Task ANameWithoutWildcardsIsLookedUp(string pattern, string? found)
    {
        for (var index = 0; index < 10; index++) await CreateAsync(Tree.Root, $"n{index}");
        await CreateAsync(Tree.Root, "a.TXT");
        using var scan = new DirectoryScan();
        scan.Restart(pattern);
        var listing = new DirectoryListing { InformationClass = FileInformationClass.Names };
        Assert.That(await ReadAsync(scan, listing, 200), Is.EqualTo(found is null ? [] : new[] { found }));
        Assert.That(await ReadAsync(scan, listing, 200), Is.Empty);
    }

    [Test]
    public async Task ManyThatDoNotMatchAreWalkedOver()
    {
        for (var index = 0; index < 5000; index++) await CreateAsync(Tree.Root, $"n{index}");
        await CreateAsync(Tree.Root, "last");
        using var scan = new DirectoryScan();
        scan.Restart("l*");
        Assert.That(await ReadAsync(scan, new DirectoryListing { InformationClass = FileInformationClass.Names }, 4096), Is.EqualTo(new[] { "last" }));
        Assert.That(scan.IsAtEnd, Is.True);
    }

    [Test]
    public async Task AnEntryThatDoesNotFitIsNotPassedOver()
    {
        await CreateAsync(Tree.Root, new string('x', 200));
        using var scan = new DirectoryScan();
        scan.Restart("x*");
        var listing = new DirectoryListing { InformationClass = FileInformationClass.Directory };
        Assert.That(await ReadAsync(scan, listing, 100), Is.Empty);
        Assert.That(scan.IsFull, Is.True);
        Assert.That(await ReadAsync(scan, listing, 1000), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RecordsTellTheAttributes()
    {
        var node = await CreateAsync(Tree.Root, "file with a long name.txt");
        await WriteAsync(node, 0, new byte[5000]);
        await MakeDirectoryAsync(Tree.Root, "d");
        var expected = await AttributesAsync(node);
        var root = await AttributesAsync(Tree.Root);

        using var scan = new DirectoryScan();
        scan.Restart("*");
        var output = new byte[4096];
        scan.Begin(new DirectoryListing { InformationClass = FileInformationClass.IdBothDirectory, ShareRoot = root }, output);
        Assert.That(await scan.FillAsync(Tree, Tree.Root, Root, default), Is.EqualTo(FileStatus.Ok));

        ReadOnlySpan<byte> rest = output.AsSpan(0, scan.OutputBytes);
        var seen = 0;
        while (DirectoryRecord.TryTake(ref rest, FileInformationClass.IdBothDirectory, out var record))
        {
            seen++;
            var isFile = record.Name.StartsWith("file");
            Assert.That(record.FileAttributes, Is.EqualTo(isFile ? Smb2FileAttributes.Archive : Smb2FileAttributes.Directory));
            if (record.Name is "." or "..") Assert.That(record.FileId, Is.EqualTo(root.Node.Inode));
            Assert.That(record.ShortName.ToString(), Is.EqualTo(isFile ? ShortName.Of(Bytes("file with a long name.txt")) : ""));
            if (!isFile) continue;
            Assert.That(record.EndOfFile, Is.EqualTo(5000));
            Assert.That(record.AllocationSize, Is.EqualTo(8192));
            Assert.That(record.FileId, Is.EqualTo(node.Inode));
            Assert.That(record.LastWriteTime, Is.EqualTo(FileTime.FromUnixNanoseconds(expected.ModifyTime.Nanoseconds)));
        }

        Assert.That(seen, Is.EqualTo(4));
    }

    [Test]
    public async Task PatternsMeetShortNamesToo()
    {
        await CreateAsync(Tree.Root, "a page.html");
        await CreateAsync(Tree.Root, "a.ht");
        var shortName = ShortName.Of(Bytes("a page.html"))!;
        var listing = new DirectoryListing { InformationClass = FileInformationClass.Names };
        foreach (var (pattern, count) in new[] { ("*.htm", 1), (shortName[..4] + "*", 1), (shortName, 1), ("*~?.ht", 0), (">", 0) })
        {
            using var scan = new DirectoryScan();
            scan.Restart(pattern);
            Assert.That(await ReadAllAsync(scan, listing, 4096), Is.EqualTo(Enumerable.Repeat("a page.html", count)), pattern);
        }
    }

    [TestCase("*"), TestCase("closed"), TestCase("listed")]
    public async Task WhatMayNotBeReadIsLeftOut(string pattern)
    {
        var names = new List<string>();
        foreach (var (name, mode) in new[] { ("open", 0x1A4u), ("closed", 0x180u), ("run only", 0x1C9u) })
        {
            await CreateAsync(Tree.Root, name, Root, mode);
            if (name == "open" && pattern == "*") names.Add(name);
        }

        // By its list the one may read it whom the mode would refuse, and the other may not.
        var listed = await CreateAsync(Tree.Root, "listed", Root, 0x180);
        var alice = new SecurityToken(Alice, Tree.Sids);
        var read = new AccessControlEntry(AceType.AccessAllowed, AceFlags.None, AccessMask.FileRead, alice.User);
        await Tree.SetDescriptorAsync(listed, new SecurityDescriptor { Dacl = new AccessControlList(read) }, Root);

        using var scan = new DirectoryScan();
        var listing = new DirectoryListing { InformationClass = FileInformationClass.Names, Reader = alice };
        if (pattern == "*") names.AddRange([".", ".."]);
        scan.Restart(pattern);
        Assert.That(await ReadAllAsync(scan, listing, 4096), Is.EquivalentTo(pattern == "closed" ? names : [.. names, "listed"]));

        scan.Restart(pattern);
        listing = new DirectoryListing { InformationClass = FileInformationClass.Names, Reader = new SecurityToken(Bob, Tree.Sids) };
        Assert.That(await ReadAllAsync(scan, listing, 4096), Is.EquivalentTo(names));

        scan.Restart(pattern);
        listing = new DirectoryListing { InformationClass = FileInformationClass.Names, Reader = new SecurityToken(Root, Tree.Sids) };
        Assert.That(await ReadAllAsync(scan, listing, 4096), Has.Count.EqualTo(pattern == "*" ? 6 : 1));
    }

    [Test]
    public async Task HiddenNamesAreShownSo()
    {
        await CreateAsync(Tree.Root, ".x");
        using var scan = new DirectoryScan();
        scan.Restart(".x");
        var output = new byte[200];
        scan.Begin(new DirectoryListing { InformationClass = FileInformationClass.Directory, Hidden = new HiddenNames([".*"]) }, output);
        await scan.FillAsync(Tree, Tree.Root, Root, default);
        ReadOnlySpan<byte> rest = output.AsSpan(0, scan.OutputBytes);
        Assert.That(DirectoryRecord.TryTake(ref rest, FileInformationClass.Directory, out var record), Is.True);
        Assert.That(record.FileAttributes, Is.EqualTo(Smb2FileAttributes.Hidden));
    }

    private async Task<List<string>> ReadAllAsync(DirectoryScan scan, DirectoryListing listing, int outputBytes)
    {
        var all = new List<string>();
        while (true)
        {
            var some = await ReadAsync(scan, listing, outputBytes);
            if (some.Count == 0) break;
            all.AddRange(some);
        }

        Assert.That(scan.IsFull, Is.False);
        return all;
    }

    private async Task<List<string>> ReadAsync(DirectoryScan scan, DirectoryListing listing, int outputBytes)
    {
        var output = new byte[outputBytes];
        scan.Begin(listing, output);
        Assert.That(await scan.FillAsync(Tree, Tree.Root, Root, default), Is.EqualTo(FileStatus.Ok));
        return Names(output.AsSpan(0, scan.OutputBytes), listing.InformationClass);
    }

    private static List<string> Names(ReadOnlySpan<byte> output, FileInformationClass informationClass)
    {
        var names = new List<string>();
        while (DirectoryRecord.TryTake(ref output, informationClass, out var record)) names.Add(record.Name.ToString());
        return names;
    }
}
