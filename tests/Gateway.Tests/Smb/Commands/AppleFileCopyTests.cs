using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Commands;
using Gateway.Tests.FileSystem.Opens;

namespace Gateway.Tests.Smb.Commands;

[TestFixture]
public sealed class AppleFileCopyTests : OpenFixture
{
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

        Assert.That(await new AppleFileCopy(source, target).RunAsync(default), Is.EqualTo((NtStatus.Success, (long)length)));
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
        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(NtStatus.FileLockConflict));
    }

    [TestCase("a:tags"), TestCase("b:tags")]
    public async Task ACopyRespectsLocksOfStreams(string path)
    {
        var (source, target) = await TaggedAsync();
        var other = await OpenAsync(NewClient(), path);
        Assert.That(await other.LockAsync(0, 1, exclusive: true, wait: false), Is.EqualTo(FileStatus.Ok));
        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(NtStatus.FileLockConflict));
        await other.CloseAsync();
        Assert.That(await TextAsync("b:tags"), Is.EqualTo("old"));
    }

    [TestCase("a:tags"), TestCase("b:tags")]
    public async Task ACopyRespectsWhoSharesAStreamWithNobody(string path)
    {
        var (source, target) = await TaggedAsync();
        var other = await OpenAsync(NewClient(), path, share: ShareModes.None);
        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(NtStatus.SharingViolation));
        await other.CloseAsync();
        Assert.That(await TextAsync("b:tags"), Is.EqualTo("old"));
        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(Tree.Opens.Count, Is.EqualTo(2), "it leaves nothing open");
    }

    [TestCase("a:tags", "RWH>RH"), TestCase("b:tags", "RWH>RH RH>")]
    public async Task ACopyWaitsForWhoCachesAStream(string path, string breaks)
    {
        var (source, target) = await TaggedAsync();
        var client = NewClient(answers: false);
        var other = await OpenAsync(client, path, Lease(1, "RWH"));
        var told = 0;
        var copying = new AppleFileCopy(source, target) { Pending = () => told++ }.RunAsync(default).AsTask();
        Assert.That(await StillRunsAsync(copying));
        Assert.That(told, Is.EqualTo(1));
        client.Answers = true;
        other.Lease!.Acknowledge(StateOf("RH"));
        Assert.That((await copying).Status, Is.EqualTo(NtStatus.Success));
        Assert.That(client.Breaks(), Is.EqualTo(breaks));
    }

    [Test]
    public async Task StreamsWithoutContentEmptyTheirLikeAndMakeNone()
    {
        var (source, target) = await TaggedAsync();
        foreach (var path in new[] { "a:AFP_Resource", "a:tags" })
        {
            var stream = await OpenAsync(NewClient(), path);
            await stream.SetAttributesAsync(new AttributeChanges { Size = 0 });
            await stream.CloseAsync();
        }

        Assert.That((await new AppleFileCopy(source, target).RunAsync(default)).Status, Is.EqualTo(NtStatus.Success));
        var streams = (await Tree.ListStreamsAsync(target.File)).Streams;
        Assert.That(streams.Select(stream => (stream.Name.ToArray(), stream.Size)), Is.EqualTo(new[] { (Bytes("tags"), 0L) }));
    }

    [Test]
    public async Task WhoIsTiredOfWaitingGetsNoStreams()
    {
        var (source, target) = await TaggedAsync();
        await OpenAsync(NewClient(answers: false), "a:tags", Lease(1, "RWH"));
        using var stop = new CancellationTokenSource();
        var copying = new AppleFileCopy(source, target).RunAsync(stop.Token).AsTask();
        Assert.That(await StillRunsAsync(copying));
        await stop.CancelAsync();
        Assert.That((await copying).Status, Is.EqualTo(NtStatus.Cancelled));
        Assert.That(await TextAsync("b:tags"), Is.EqualTo("old"));
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
        await open.CloseAsync();
        Assert.That(read.Bytes, Is.EqualTo(size));
        return System.Text.Encoding.UTF8.GetString(content);
    }

    /// <summary>Two files, each with a stream.</summary>
    private async Task<(Open Source, Open Target)> TaggedAsync()
    {
        var source = await OpenAsync(NewClient(), "a");
        var target = await OpenAsync(NewClient(), "b");
        foreach (var (path, text) in new[] { ("a:tags", "new"), ("b:tags", "old") })
        {
            var stream = await OpenAsync(NewClient(), path);
            await WriteAsync(stream, text);
            await stream.CloseAsync();
        }

        return (source, target);
    }
}
