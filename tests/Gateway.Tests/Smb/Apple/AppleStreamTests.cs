using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
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

    [TestCase(10), TestCase(200_000)]
    public async Task ACopyHasTheContentAndAllStreamsAndNoMore(int length)
    {
        var client = NewClient();
        var source = await OpenAsync(client, "a");
        await WriteAsync(source, new string('s', length));
        await WriteAsync(await OpenAsync(client, "a:AFP_Resource"), new string('r', length));
        await WriteAsync(await OpenAsync(client, "a:tags"), "red");
        var target = await OpenAsync(client, "b");
        await WriteAsync(target, new string('t', length + 10));
        await WriteAsync(await OpenAsync(client, "b:tags"), "much longer");

        Assert.That(await new AppleFileCopy(source, target).RunAsync(default), Is.EqualTo((FileStatus.Ok, (long)length)));
        Assert.That(await TextAsync("b"), Is.EqualTo(new string('s', length)));
        Assert.That(await TextAsync("b:AFP_Resource"), Is.EqualTo(new string('r', length)));
        Assert.That(await TextAsync("b:tags"), Is.EqualTo("red"));
        Assert.That(await TextAsync("a"), Is.EqualTo(new string('s', length)));
    }

    [Test]
    public async Task ACopyRespectsLocks()
    {
        var source = await OpenAsync(NewClient(), "a");
        await WriteAsync(source, "content");
        var target = await OpenAsync(NewClient(), "b");
        var other = await OpenAsync(NewClient(), "b");
        Assert.That(await other.LockAsync(5, 1, exclusive: true, wait: false), Is.EqualTo(FileStatus.Ok));
        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(FileStatus.LockConflict));
    }

    [Test]
    public async Task ACopyIsNewsToWhoCachesTheDirectory()
    {
        await MakeDirectoryAsync(Tree.Root, "d", mode: 0x1FF);
        var source = await OpenAsync(NewClient(), "a");
        var target = await OpenAsync(NewClient(), "d/b");
        var client = NewClient();
        await OpenAsync(client, "d", LeaseV2(1, "RWH", 0), AccessMask.ReadData, options: OpenOptions.Directory);
        await new AppleFileCopy(source, target).RunAsync(default);
        await target.CloseAsync();
        Assert.That(client.Breaks(), Is.EqualTo("RH>"));
    }

    private async Task<string> TextAsync(string path)
    {
        var open = await OpenAsync(NewClient(), path, disposition: OpenDisposition.Open);
        var size = (await open.GetAttributesAsync()).Attributes.Size;
        var content = new byte[size];
        var read = await open.ReadAsync(0, content);
        Assert.That(read.Bytes, Is.EqualTo(size));
        return System.Text.Encoding.UTF8.GetString(content);
    }

    private async Task<bool> IsShownAsync(Open open) => await AppleStreams.IsShownAsync(
        Apple, Tree, open.Node, open.StreamName, (await open.GetAttributesAsync()).Attributes.Size, open.Caller);
}
