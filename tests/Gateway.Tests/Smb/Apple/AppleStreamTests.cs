using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Replication.Store;
using Gateway.Smb.Apple;
using Gateway.Smb.Trees;
using Gateway.Tests.FileSystem.Opens;

namespace Gateway.Tests.Smb.Apple;

[TestFixture]
public sealed class AppleStreamTests : OpenFixture
{
    private static readonly Share Apple = new() { Name = "files" };

    [TestCase("f:AFP_AfpInfo", true), TestCase("f:afp_afpinfo", true), TestCase("f:AFP_Resource", false), TestCase("f", false)]
    public async Task TheStreamIsKnownByItsName(string path, bool expected)
    {
        var open = await OpenAsync(NewClient(), path);
        Assert.That(AppleStreams.IsAfpInfo(Apple, open), Is.EqualTo(expected));
        Assert.That(AppleStreams.IsAfpInfo(Apple with { IsApple = false }, open), Is.False);
    }

    [TestCase(0, "AF", false), TestCase(0, "BFP", false), TestCase(16, "AFP", false), TestCase(0, "AFP", true)]
    public async Task OnlyWhatIsSignedIsTaken(long offset, string text, bool taken)
    {
        var open = await OpenAsync(NewClient(), "f:AFP_AfpInfo");
        var status = await AfpInfoStream.WriteAsync(open, offset, Bytes(text), WriteStability.FileSync);
        Assert.That(status, Is.EqualTo(taken ? NtStatus.Success : NtStatus.InvalidParameter));
        Assert.That((await open.GetAttributesAsync()).Attributes.Size, Is.Zero);
    }

    [TestCase(60), TestCase(24), TestCase(70)]
    public async Task ItIsAlwaysOfOneLength(int written)
    {
        var open = await OpenAsync(NewClient(), "f:AFP_AfpInfo");
        var content = new byte[Math.Max(written, AfpMetadata.Bytes)];
        AfpMetadata.WriteBlank(content);
        content[AfpMetadata.FinderInfoOffset] = 7;
        var status = await AfpInfoStream.WriteAsync(open, 0, content.AsMemory(0, written), WriteStability.FileSync);
        Assert.That(status, Is.EqualTo(NtStatus.Success));
        var read = new byte[100];
        Assert.That((await open.ReadAsync(0, read)).Bytes, Is.EqualTo(AfpMetadata.Bytes));
        Assert.That(read[..60], Is.EqualTo(content[..60]));
        Assert.That(AfpInfoStream.SetSize(60), Is.EqualTo(NtStatus.Success));
        Assert.That(AfpInfoStream.SetSize(61), Is.EqualTo(NtStatus.AllottedSpaceExceeded));
        Assert.That(await IsShownAsync(open), Is.True);
    }

    [TestCase(0, 100, 60), TestCase(16, 8, 8), TestCase(60, 1, 0)]
    public void AnEmptyOneReadsAsABlank(long offset, int length, int bytes) =>
        Assert.That(AfpInfoStream.ReadBlank(offset, new byte[length]), Is.EqualTo(bytes));

    [Test]
    public async Task StreamsThatSayNothingAreNotShown()
    {
        var resource = await OpenAsync(NewClient(), "f:AFP_Resource");
        Assert.That(await IsShownAsync(resource), Is.False);
        await WriteAsync(resource, "x");
        Assert.That(await IsShownAsync(resource), Is.True);

        var info = await OpenAsync(NewClient(), "f:AFP_AfpInfo");
        Assert.That(await IsShownAsync(info), Is.False, "empty");
        var blank = new byte[AfpMetadata.Bytes];
        AfpMetadata.WriteBlank(blank);
        await AfpInfoStream.WriteAsync(info, 0, blank, WriteStability.FileSync);
        Assert.That(await IsShownAsync(info), Is.False, "without FinderInfo");
        Assert.That(await IsShownAsync(await OpenAsync(NewClient(), "f:other")), Is.True);
    }

    [TestCase("f:AFP_Resource", "", false), TestCase("f:AFP_Resource", "x", true), TestCase("f:AFP_AfpInfo", "", false)]
    public async Task AStreamThatSaysNothingGoesWithItsLastOpen(string path, string written, bool stays)
    {
        var first = await OpenAsync(NewClient(), path);
        var second = await OpenAsync(NewClient(), path);
        AppleStreams.Opened(Apple, first);
        await first.CloseAsync();
        Assert.That(await CountStreamsAsync(second.File), Is.EqualTo(1), "somebody has it");
        if (written.Length > 0) await WriteAsync(second, written);
        await second.CloseAsync();
        Assert.That(await CountStreamsAsync(second.File), Is.EqualTo(stays ? 1 : 0));
        Assert.That(Tree.Opens.Count, Is.Zero);
    }

    [TestCase("", false), TestCase("again", true)]
    public async Task AStreamThatWasEmptiedGoesUnlessItIsWrittenAgain(string written, bool stays)
    {
        var open = await OpenAsync(NewClient(), "f:tags");
        await WriteAsync(open, "red");
        await open.SetAttributesAsync(new AttributeChanges { Size = 0 });
        AppleStreams.Emptied(open);
        if (written.Length > 0) await WriteAsync(open, written);
        await open.CloseAsync();
        Assert.That(await CountStreamsAsync(open.File), Is.EqualTo(stays ? 1 : 0));
    }

    [Test]
    public async Task AStreamThatCannotBeLookedAtStays()
    {
        var open = await OpenAsync(NewClient(), "f:AFP_Resource");
        AppleStreams.Opened(Apple, open);
        Store.Interfere = call => call == StoreCall.ConfirmRead ? new StoreInterference(StoreOutcome.Unavailable) : null;
        await open.CloseAsync();
        Store.Interfere = null;
        Assert.That(await CountStreamsAsync(open.File), Is.EqualTo(1));
    }

    private async Task<int> CountStreamsAsync(NodeId file) => (await Tree.ListStreamsAsync(file)).Streams.Count;

    private async Task<bool> IsShownAsync(Open open) => await AppleStreams.IsShownAsync(
        Apple, Tree, open.Node, open.StreamName, (await open.GetAttributesAsync()).Attributes.Size, open.Caller);
}
