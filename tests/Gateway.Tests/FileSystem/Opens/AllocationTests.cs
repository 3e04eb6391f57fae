using Gateway.FileSystem;
using Gateway.FileSystem.Opens;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>Space that clients ask for before they write (MS-FSA 2.1.5.15.1).</summary>
[TestFixture]
public sealed class AllocationTests : OpenFixture
{
    private static async Task<NodeAttributes> ShownAsync(Open open) => (await open.GetAttributesAsync()).Attributes;

    [TestCase("f")]
    [TestCase("f:stream")]
    public async Task MoreThanTheSizeIsShownWhileTheContentIsOpen(string path)
    {
        var open = await OpenAsync(NewClient(), path);
        await WriteAsync(open, "abc");
        Assert.That(await open.AllocateAsync(10_000), Is.EqualTo(FileStatus.Ok));
        var shown = await ShownAsync(open);
        Assert.That((shown.Size, shown.Used, shown.ReservedBytes), Is.EqualTo((3L, 3L, 10_000L)));
        Assert.That((await AttributesAsync(open.Node)).ReservedBytes, Is.Zero, "NFS sees what is used");

        var other = await OpenAsync(NewClient(), path);
        await open.CloseAsync();
        Assert.That((await ShownAsync(other)).ReservedBytes, Is.EqualTo(10_000));
        await other.CloseAsync();
        Assert.That((await ShownAsync(await OpenAsync(NewClient(), path))).ReservedBytes, Is.Zero);
    }

    [Test]
    public async Task LessThanTheSizeCuts()
    {
        var open = await OpenAsync(NewClient(), "f");
        await WriteAsync(open, "abcdef");
        await open.AllocateAsync(10_000);
        Assert.That(await open.AllocateAsync(4), Is.EqualTo(FileStatus.Ok));
        var shown = await ShownAsync(open);
        Assert.That((shown.Size, shown.ReservedBytes), Is.EqualTo((4L, 0L)));
    }

    [Test]
    public async Task ASizeThatIsSetTakesTheSpaceBack()
    {
        var open = await OpenAsync(NewClient(), "f");
        await open.AllocateAsync(10_000);
        await open.SetAttributesAsync(new() { Size = 20 });
        Assert.That((await ShownAsync(open)).ReservedBytes, Is.Zero);
    }

    [Test]
    public async Task WhatTheVolumeHasNotIsRefused()
    {
        var open = await OpenAsync(NewClient(), "f");
        Assert.That(await open.AllocateAsync(long.MaxValue), Is.EqualTo(FileStatus.NoSpace));
        Assert.That((await ShownAsync(open)).ReservedBytes, Is.Zero);
    }

    [Test]
    public async Task OthersLoseWhatTheyCachedAlsoByGrowth()
    {
        var reader = NewClient();
        await OpenAsync(reader, "f", Oplock("s"));
        var open = await OpenAsync(NewClient(), "f");
        await open.AllocateAsync(10_000);
        Assert.That(reader.Breaks(), Is.EqualTo("to None"));
    }
}
