using Gateway.Protocol.Nfs3;

namespace Gateway.Tests.Nfs;

/// <summary>READ, WRITE, COMMIT, FSSTAT, FSINFO and PATHCONF.</summary>
public sealed class ContentProcedureTests : NfsFixture
{
    [TestCase(Nfs3Stability.Unstable)]
    [TestCase(Nfs3Stability.DataSync)]
    [TestCase(Nfs3Stability.FileSync)]
    public async Task What_was_written_is_read(Nfs3Stability stability)
    {
        var file = await Client.FileAsync(Root, "f");
        var written = await Client.WriteAsync(file, 3, [1, 2, 3, 4, 5], stability);

        Assert.That(written.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(written.Count, Is.EqualTo(5));
        Assert.That(written.Committed, Is.GreaterThanOrEqualTo(stability));
        Assert.That(written.Wcc.After?.Size, Is.EqualTo(8));

        var (status, content, isEnd) = await Client.ReadAsync(file, 0, 100);
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(content, Is.EqualTo(new byte[] { 0, 0, 0, 1, 2, 3, 4, 5 }));
        Assert.That(isEnd);
    }

    [Test]
    public async Task Commit_has_the_verifier_of_the_writes()
    {
        var file = await Client.FileAsync(Root, "f");
        var written = await Client.WriteAsync(file, 0, new byte[100_000], Nfs3Stability.Unstable);
        var committed = await Client.CommitAsync(file);

        Assert.That(committed.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(committed.Verifier, Is.EqualTo(written.Verifier));
        Assert.That(committed.Wcc.After?.Size, Is.EqualTo(100_000));
    }

    [Test]
    public async Task A_megabyte_goes_through_in_one_call()
    {
        var file = await Client.FileAsync(Root, "f");
        var content = new byte[1 << 20];
        new Random(1).NextBytes(content);
        Assert.That((await Client.WriteAsync(file, 0, content)).Count, Is.EqualTo(content.Length));

        var (status, read, isEnd) = await Client.ReadAsync(file, 0, 1 << 20);
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(read.AsSpan().SequenceEqual(content));
        Assert.That(isEnd);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(4)]
    public async Task Content_is_padded_for_every_length(int length)
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.WriteAsync(file, 0, [.. Enumerable.Repeat((byte)0xAB, length)]);
        var (_, read, isEnd) = await Client.ReadAsync(file, 0, (uint)length);
        Assert.That(read, Has.Length.EqualTo(length));
        Assert.That(isEnd);
    }

    [TestCase(8UL, 10u)]
    [TestCase(9UL, 1u)]
    [TestCase((ulong)long.MaxValue, 1u)]
    [TestCase(1UL << 63, 4096u)]
    [TestCase(ulong.MaxValue, uint.MaxValue)]
    public async Task Reading_past_the_end_is_the_end(ulong offset, uint count)
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.WriteAsync(file, 0, new byte[8]);
        var (status, content, isEnd) = await Client.ReadAsync(file, offset, count);
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(content, Is.Empty);
        Assert.That(isEnd);
    }

    [Test]
    public async Task An_absurd_count_reads_what_the_server_can()
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.SetAttrAsync(file, new Nfs3SetAttributes { Size = 3 << 20 });
        var (status, content, isEnd) = await Client.ReadAsync(file, 0, uint.MaxValue);
        Assert.That(status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(content, Has.Length.EqualTo(1 << 20));
        Assert.That(isEnd, Is.False);
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1UL << 63)]
    [TestCase((ulong)long.MaxValue - 3)]
    public async Task Writing_past_the_largest_file_is_too_big(ulong offset)
    {
        var file = await Client.FileAsync(Root, "f");
        var written = await Client.WriteAsync(file, offset, new byte[4]);
        Assert.That(written.Status, Is.EqualTo(Nfs3Status.FileTooBig));
        Assert.That(written.Wcc.After?.Size, Is.Zero);
    }

    [Test]
    public async Task The_last_byte_of_the_largest_file_can_be_written()
    {
        var file = await Client.FileAsync(Root, "f");
        var written = await Client.WriteAsync(file, long.MaxValue - 4, [1, 2, 3, 4]);
        Assert.That(written.Status, Is.EqualTo(Nfs3Status.Ok));
        var (_, content, isEnd) = await Client.ReadAsync(file, long.MaxValue - 4, 100);
        Assert.That(content, Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        Assert.That(isEnd);
    }

    [Test]
    public async Task Content_of_a_directory_is_invalid()
    {
        Assert.That((await Client.ReadAsync(Root, 0, 1)).Status, Is.EqualTo(Nfs3Status.Invalid));
        Assert.That((await Client.WriteAsync(Root, 0, [1])).Status, Is.EqualTo(Nfs3Status.Invalid));
    }

    [Test]
    public async Task FsInfo_says_what_the_server_can()
    {
        var results = await Client.CallAsync(Nfs3Procedure.FsInfo, NfsConnection.Handle(Root));
        Assert.That(FsInfoRes.TryParse(results, out var info));
        Assert.That(info.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((info.ReadMax, info.WriteMax), Is.EqualTo((1u << 20, 1u << 20)));
        Assert.That(info.FileSizeMax, Is.EqualTo(long.MaxValue));
        Assert.That(info.TimeDelta, Is.EqualTo(new Nfs3Time(0, 1)));
        Assert.That((uint)info.Properties, Is.EqualTo(0x1B));
        Assert.That(info.Attributes?.FileId, Is.EqualTo(1));
    }

    [Test]
    public async Task FsStat_counts()
    {
        var results = await Client.CallAsync(Nfs3Procedure.FsStat, NfsConnection.Handle(Root));
        Assert.That(FsStatRes.TryParse(results, out var space));
        Assert.That(space.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(space.TotalBytes, Is.GreaterThanOrEqualTo(space.FreeBytes));
        Assert.That(space.FreeBytes, Is.GreaterThanOrEqualTo(space.AvailableBytes));
        Assert.That(space.TotalFiles, Is.GreaterThanOrEqualTo(space.FreeFiles));
    }

    [Test]
    public async Task PathConf_says_the_rules_of_names()
    {
        var results = await Client.CallAsync(Nfs3Procedure.PathConf, NfsConnection.Handle(Root));
        Assert.That(PathConfRes.TryParse(results, out var rules));
        Assert.That(rules.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(rules.NameBytesMax, Is.EqualTo(255));
        Assert.That(rules.NoTruncation && rules.ChownRestricted && rules.CasePreserving && !rules.CaseInsensitive);
    }
}
