using System.Text;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Watches;
using Gateway.Tests.FileSystem.Opens;

namespace Gateway.Tests.FileSystem.Watches;

[TestFixture]
public sealed class WatchTests : OpenFixture
{
    private const ChangedParts Everything = (ChangedParts)0xFFF;
    private const ChangedParts Names = ChangedParts.FileName | ChangedParts.DirectoryName;

    private static async Task<string> NextAsync(Watch watch, int bytes = 1 << 16)
    {
        var result = await watch.NextAsync(bytes).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        return result.Outcome == WatchOutcome.Changed
            ? string.Join(" ", result.Events.Select(Text))
            : result.Outcome.ToString();
    }

    private static string Text(WatchEvent told) =>
        $"{told.Action}:{string.Join('/', told.Path.Select(name => Encoding.UTF8.GetString(name.Span)))}";

    [Test]
    public async Task ChangesOfBothProtocolsAreTold()
    {
        using var watch = Tree.Watches.Add(Tree.Root, Names, false, 1 << 16)!;
        await CreateAsync(Tree.Root, "nfs");
        Assert.That(await NextAsync(watch), Is.EqualTo("Added:nfs"));

        var waits = NextAsync(watch);
        var open = await OpenAsync(NewClient(0), "smb");
        Assert.That(await waits, Is.EqualTo("Added:smb"));
        await open.RenameAsync(Tree.Root, Bytes("new"), false);
        Assert.That(await NextAsync(watch), Is.EqualTo("RenamedOldName:smb RenamedNewName:new"));
        await open.SetDeletePendingAsync(true);
        await open.CloseAsync();
        Assert.That(await NextAsync(watch), Is.EqualTo("Removed:new"));
    }

    [Test]
    public async Task TheSubtreeIsToldWithPaths()
    {
        var directory = await MakeDirectoryAsync(Tree.Root, "d");
        var below = await MakeDirectoryAsync(directory, "e");
        using var flat = Tree.Watches.Add(Tree.Root, Names, false, 1 << 16)!;
        using var deep = Tree.Watches.Add(Tree.Root, Names, true, 1 << 16)!;
        await CreateAsync(below, "f");
        await Tree.RenameAsync(below, Bytes("f"), directory, Bytes("g"), Root);
        Assert.That(await NextAsync(deep), Is.EqualTo("Added:d/e/f Removed:d/e/f Added:d/g"));
        await CreateAsync(Tree.Root, "x");
        Assert.That(await NextAsync(flat), Is.EqualTo("Added:x"));
    }

    [Test]
    public async Task OnlyWhatIsAskedForIsTold()
    {
        var file = await CreateAsync(Tree.Root, "f");
        using var watch = Tree.Watches.Add(Tree.Root, ChangedParts.Size | ChangedParts.DirectoryName, false, 1 << 16)!;
        await CreateAsync(Tree.Root, "g");
        await WriteAsync(file, 0, Bytes("x"));
        await MakeDirectoryAsync(Tree.Root, "d");
        Assert.That(await NextAsync(watch), Is.EqualTo("Modified:f Added:d"));
    }

    [Test]
    public async Task RequestsAreAnsweredInTheirOrder()
    {
        using var watch = Tree.Watches.Add(Tree.Root, Names, false, 1 << 16)!;
        var first = NextAsync(watch);
        var second = NextAsync(watch);
        await CreateAsync(Tree.Root, "a");
        Assert.That(await first, Is.EqualTo("Added:a"));
        Assert.That(await StillRunsAsync(second));
        await CreateAsync(Tree.Root, "b");
        Assert.That(await second, Is.EqualTo("Added:b"));
    }

    [Test]
    public async Task TooMuchIsSaidAsSuchOnce()
    {
        using var watch = Tree.Watches.Add(Tree.Root, Names, false, 40)!;
        for (var i = 0; i < 10; i++) await CreateAsync(Tree.Root, $"file{i}");
        Assert.That(await NextAsync(watch), Is.EqualTo("Overflow"));
        await CreateAsync(Tree.Root, "x");
        Assert.That(await NextAsync(watch, 8), Is.EqualTo("Overflow"));
        await CreateAsync(Tree.Root, "y");
        Assert.That(await NextAsync(watch), Is.EqualTo("Added:y"));
    }

    [Test]
    public async Task ADirectoryThatGoesEndsItsWatches()
    {
        var open = await OpenAsync(NewClient(0), "d", options: OpenOptions.Directory);
        using var watch = Tree.Watches.Add(open.File, Everything, true, 1 << 16)!;
        var waits = NextAsync(watch);
        Assert.That(await StillRunsAsync(waits));
        await open.SetDeletePendingAsync(true);
        Assert.That(await waits, Is.EqualTo("DirectoryDeleted"));
        Assert.That(await NextAsync(watch), Is.EqualTo("DirectoryDeleted"));
    }

    [Test]
    public async Task RequestsCanBeGivenUpAndWatchesEnd()
    {
        var watch = Tree.Watches.Add(Tree.Root, Everything, false, 1 << 16)!;
        using var source = new CancellationTokenSource();
        var cancelled = watch.NextAsync(1 << 16, null, source.Token).AsTask();
        var closed = watch.NextAsync(1 << 16).AsTask();
        await source.CancelAsync();
        Assert.That((await cancelled).Outcome, Is.EqualTo(WatchOutcome.Cancelled));
        watch.Dispose();
        Assert.That((await closed).Outcome, Is.EqualTo(WatchOutcome.Closed));
        Assert.That(Tree.Watches.Count, Is.Zero);
    }
}
