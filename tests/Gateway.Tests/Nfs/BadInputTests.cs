using System.Buffers.Binary;
using Gateway.NfsClient;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Nfs;

/// <summary>
/// Requests no honest client sends: each gets the answer the RFC has for it, and another client notices nothing.
/// </summary>
public sealed class BadInputTests : NfsFixture
{
    [TearDown]
    public async Task Others_notice_nothing()
    {
        using var other = await ConnectAsync();
        Assert.That((await other.GetAttrAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
    }

    [TestCaseSource(typeof(BadRequests), nameof(BadRequests.OfFiles))]
    public async Task Bad_requests_get_their_answer(BadRequest request)
    {
        var file = await Client.FileAsync(Root, "file");
        var arguments = request.Arguments(new BadRequestTargets(Root, file));
        var (header, results) = await Client.RawAsync(
            request.Program, request.Version, request.Procedure, arguments);
        Assert.That(header.AcceptStatus, Is.EqualTo(request.Accepted));
        if (request.Status is { } status)
            Assert.That((Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(results), Is.EqualTo(status));
        else if (header.AcceptStatus == RpcAcceptStatus.ProgramMismatch)
            Assert.That(results, Has.Length.EqualTo(8), "the versions there are");
        else
            Assert.That(results, Is.Empty);
    }

    [Test]
    public async Task Stale_handles_are_stale(
        [ValueSource(typeof(ValidRequests), nameof(ValidRequests.Procedures))] Nfs3Procedure procedure)
    {
        var gone = await Client.DirectoryAsync(Root, "gone");
        await Client.RmDirAsync(Root, "gone");
        var arguments = ValidRequests.Of(procedure, gone.Span.ToArray());
        Assert.That(await StatusAsync(procedure, arguments), Is.EqualTo(Nfs3Status.Stale));
    }

    [TestCase(Nfs3Procedure.Create)]
    [TestCase(Nfs3Procedure.MkDir)]
    [TestCase(Nfs3Procedure.SymLink)]
    [TestCase(Nfs3Procedure.MkNod)]
    [TestCase(Nfs3Procedure.Remove)]
    [TestCase(Nfs3Procedure.RmDir)]
    [TestCase(Nfs3Procedure.Rename)]
    public async Task Dot_and_dot_dot_are_nobodys_to_change(Nfs3Procedure procedure)
    {
        foreach (var name in new[] { ".", ".." })
        {
            var status = await StatusAsync(procedure, ValidRequests.Of(procedure, Root.Span.ToArray(), name));
            Assert.That(
                status,
                Is.AnyOf(Nfs3Status.Exists, Nfs3Status.Invalid, Nfs3Status.IsDirectory, Nfs3Status.NotEmpty));
        }
    }

    [TestCase(0u)]
    [TestCase(1u)]
    [TestCase(2u)]
    [TestCase(5u)]
    [TestCase(8u)]
    [TestCase(uint.MaxValue)]
    public async Task MkNod_of_what_it_cannot_make_is_a_bad_type(uint type)
    {
        var made = await Client.MkNodAsync(Root, "n", (Nfs3FileType)type);
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.BadType));
        Assert.That(made.DirectoryWcc.After, Is.Not.Null);
    }

    [TestCase(0UL, uint.MaxValue)]
    [TestCase(3UL, 0x7FFFFFFFu)]
    [TestCase(1UL << 40, 8192u)]
    [TestCase(1UL << 63, 8192u)]
    [TestCase(ulong.MaxValue, 8192u)]
    [TestCase(ulong.MaxValue, uint.MaxValue)]
    public async Task Absurd_cookies_and_counts_of_a_directory(ulong cookie, uint count)
    {
        foreach (var plus in new[] { false, true })
        {
            var page = plus
                ? await Client.ReadDirPlusAsync(Root, cookie, count, count)
                : await Client.ReadDirAsync(Root, cookie, count);
            Assert.That(page.Status, Is.AnyOf(Nfs3Status.Ok, Nfs3Status.BadCookie));
            if (page.Status == Nfs3Status.Ok) Assert.That(page.IsEnd);
        }
    }

    [TestCase(0UL, uint.MaxValue)]
    [TestCase(ulong.MaxValue, 1u)]
    [TestCase(ulong.MaxValue, uint.MaxValue)]
    public async Task Absurd_ranges_of_a_commit_make_all_durable(ulong offset, uint count)
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.WriteAsync(file, 0, [1, 2, 3], Nfs3Stability.Unstable);
        var arguments = NfsConnection.Encode(writer =>
            new CommitArgs { Handle = file.Span, Offset = offset, Count = count }.Write(writer));
        Assert.That(await StatusAsync(Nfs3Procedure.Commit, arguments), Is.EqualTo(Nfs3Status.Ok));
    }

    [TestCase(4096)]
    [TestCase(65536)]
    public async Task A_link_content_that_is_too_long_says_so(int length)
    {
        var made = await Client.SymLinkAsync(Root, "s", new byte[length]);
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.NameTooLong));
    }

    [Test]
    public async Task Mount_paths_may_hold_anything()
    {
        var longest = "/files/" + new string('a', 1000);
        foreach (var path in new[] { "/\0", "/files/\0", "/files/\uFFFD", "/files//////////", "\\files", longest })
            Assert.That((await Client.MountAsync(path)).Status, Is.Not.EqualTo(MountStatus.ServerFault), path);
    }

    private async Task<Nfs3Status> StatusAsync(Nfs3Procedure procedure, byte[] arguments) =>
        (Nfs3Status)BinaryPrimitives.ReadUInt32BigEndian(await Client.CallAsync(procedure, arguments));
}
