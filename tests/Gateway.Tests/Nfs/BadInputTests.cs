using System.Buffers.Binary;
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

    public static IEnumerable<TestCaseData> Malformed()
    {
        foreach (var procedure in ValidRequests.Procedures)
        {
            yield return Case(procedure, "nothing at all", _ => []);
            yield return Case(procedure, "a word too little", valid => valid[..^4]);
            yield return Case(procedure, "a byte too little", valid => valid[..^1]);
            yield return Case(procedure, "a word too much", valid => [.. valid, 0, 0, 0, 0]);
            yield return Case(
                procedure, "a handle of 65 bytes", valid => [0, 0, 0, 65, .. new byte[68], .. valid[52..]]);
            yield return Case(procedure, "a handle of 4 GiB", valid => [255, 255, 255, 255, .. valid[4..]]);
        }
    }

    [TestCaseSource(nameof(Malformed))]
    public async Task Malformed_arguments_are_garbage(Nfs3Procedure procedure, Func<byte[], byte[]> spoil)
    {
        var arguments = spoil(ValidRequests.Of(procedure, Root.Span.ToArray()));
        var (header, _) = await Client.RawAsync(Nfs3Protocol.Program, 3, (uint)procedure, arguments);
        Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.GarbageArguments));
    }

    public static IEnumerable<TestCaseData> BadHandles()
    {
        foreach (var procedure in ValidRequests.Procedures)
        {
            yield return Case(procedure, "empty", _ => [], Nfs3Status.BadHandle);
            yield return Case(procedure, "too short", valid => valid[..^1], Nfs3Status.BadHandle);
            yield return Case(procedure, "too long", valid => [.. valid, .. new byte[16]], Nfs3Status.BadHandle);
            yield return Case(procedure, "zeros", valid => new byte[valid.Length], Nfs3Status.BadHandle);
            yield return Case(procedure, "another version", valid => Flip(valid, 0), Nfs3Status.BadHandle);
            yield return Case(procedure, "another inode", valid => Flip(valid, 20), Nfs3Status.BadHandle);
            yield return Case(procedure, "another generation", valid => Flip(valid, 28), Nfs3Status.BadHandle);
            yield return Case(procedure, "another seal", valid => Flip(valid, 47), Nfs3Status.BadHandle);
            yield return Case(procedure, "another volume", valid => Flip(valid, 5), Nfs3Status.Stale);
        }
    }

    [TestCaseSource(nameof(BadHandles))]
    public async Task Forged_handles_are_refused(
        Nfs3Procedure procedure, Func<byte[], byte[]> forge, Nfs3Status expected)
    {
        var arguments = ValidRequests.Of(procedure, forge(Root.Span.ToArray()));
        Assert.That(await StatusAsync(procedure, arguments), Is.EqualTo(expected));
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

    public static IEnumerable<TestCaseData> BadNames()
    {
        foreach (var procedure in ValidRequests.Named)
        {
            yield return Name(procedure, "empty", [], Nfs3Status.Invalid);
            yield return Name(procedure, "slash", "a/b"u8, Nfs3Status.Invalid);
            yield return Name(procedure, "only a slash", "/"u8, Nfs3Status.Invalid);
            yield return Name(procedure, "NUL", "a\0b"u8, Nfs3Status.Invalid);
            yield return Name(procedure, "256 bytes", Long(256), Nfs3Status.NameTooLong);
            yield return Name(procedure, "4096 bytes", Long(4096), Nfs3Status.NameTooLong);
        }
    }

    [TestCaseSource(nameof(BadNames))]
    public async Task Names_no_file_can_have_are_refused(Nfs3Procedure procedure, byte[] name, Nfs3Status expected)
    {
        var handle = procedure == Nfs3Procedure.Link ? await Client.FileAsync(Root, "file") : Root;
        var arguments = ValidRequests.Of(procedure, handle.Span.ToArray(), name);
        if (procedure == Nfs3Procedure.Link)
            arguments = [.. NfsConnection.Handle(handle), .. NfsConnection.DirOp(Root, name)];
        Assert.That(await StatusAsync(procedure, arguments), Is.EqualTo(expected));
    }

    [Test]
    public async Task A_name_longer_than_any_parser_takes_is_garbage(
        [ValueSource(typeof(ValidRequests), nameof(ValidRequests.Named))] Nfs3Procedure procedure)
    {
        var arguments = ValidRequests.Of(procedure, Root.Span.ToArray(), Long(4097).ToArray());
        var (header, _) = await Client.RawAsync(Nfs3Protocol.Program, 3, (uint)procedure, arguments);
        Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.GarbageArguments));
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

    [TestCase(Nfs3Procedure.SetAttr, 52, 2u, TestName = "SETATTR: set_mode is neither true nor false")]
    [TestCase(Nfs3Procedure.SetAttr, 60, 2u, TestName = "SETATTR: set_uid is neither")]
    [TestCase(Nfs3Procedure.SetAttr, 64, 7u, TestName = "SETATTR: set_gid is neither")]
    [TestCase(Nfs3Procedure.SetAttr, 68, 9u, TestName = "SETATTR: set_size is neither")]
    [TestCase(Nfs3Procedure.SetAttr, 72, 3u, TestName = "SETATTR: time_how of atime")]
    [TestCase(Nfs3Procedure.SetAttr, 76, uint.MaxValue, TestName = "SETATTR: time_how of mtime")]
    [TestCase(Nfs3Procedure.SetAttr, 80, 2u, TestName = "SETATTR: guard is neither true nor false")]
    [TestCase(Nfs3Procedure.Create, 60, 3u, TestName = "CREATE: createmode3 3")]
    [TestCase(Nfs3Procedure.Create, 60, uint.MaxValue, TestName = "CREATE: createmode3 4294967295")]
    [TestCase(Nfs3Procedure.Create, 64, 2u, TestName = "CREATE: set_mode is neither true nor false")]
    [TestCase(Nfs3Procedure.MkDir, 60, 2u, TestName = "MKDIR: set_mode is neither true nor false")]
    [TestCase(Nfs3Procedure.SymLink, 76, 3u, TestName = "SYMLINK: time_how of atime")]
    [TestCase(Nfs3Procedure.SymLink, 84, 0xFFFFFFFCu, TestName = "SYMLINK: content of 4 GiB")]
    [TestCase(Nfs3Procedure.MkNod, 64, 2u, TestName = "MKNOD: set_mode is neither true nor false")]
    [TestCase(Nfs3Procedure.Write, 64, 3u, TestName = "WRITE: stable_how 3")]
    [TestCase(Nfs3Procedure.Write, 60, 2u, TestName = "WRITE: count is less than the content")]
    [TestCase(Nfs3Procedure.Write, 60, 4u, TestName = "WRITE: count is more than the content")]
    [TestCase(Nfs3Procedure.Write, 68, 2u, TestName = "WRITE: content is less than the count")]
    [TestCase(Nfs3Procedure.Write, 68, 0x00100001u, TestName = "WRITE: content of more than 1 MiB that is not there")]
    [TestCase(Nfs3Procedure.Write, 68, uint.MaxValue, TestName = "WRITE: content of 4 GiB")]
    public async Task Wrong_discriminants_and_lengths_are_garbage(Nfs3Procedure procedure, int at, uint value)
    {
        var arguments = ValidRequests.Of(procedure, Root.Span.ToArray());
        BinaryPrimitives.WriteUInt32BigEndian(arguments.AsSpan(at), value);
        var (header, _) = await Client.RawAsync(Nfs3Protocol.Program, 3, (uint)procedure, arguments);
        Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.GarbageArguments));
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

    [TestCase(Nfs3Protocol.Program, 3u, 22u, RpcAcceptStatus.ProcedureUnavailable)]
    [TestCase(Nfs3Protocol.Program, 3u, uint.MaxValue, RpcAcceptStatus.ProcedureUnavailable)]
    [TestCase(Nfs3Protocol.Program, 2u, 1u, RpcAcceptStatus.ProgramMismatch)]
    [TestCase(Nfs3Protocol.Program, 4u, 1u, RpcAcceptStatus.ProgramMismatch)]
    [TestCase(Nfs3Protocol.Program, uint.MaxValue, 1u, RpcAcceptStatus.ProgramMismatch)]
    [TestCase(MountProtocol.Program, 3u, 6u, RpcAcceptStatus.ProcedureUnavailable)]
    [TestCase(MountProtocol.Program, 1u, 7u, RpcAcceptStatus.ProcedureUnavailable)]
    [TestCase(MountProtocol.Program, 4u, 1u, RpcAcceptStatus.ProgramMismatch)]
    [TestCase(MountProtocol.Program, 0u, 1u, RpcAcceptStatus.ProgramMismatch)]
    [TestCase(100227u, 3u, 1u, RpcAcceptStatus.ProgramUnavailable)]
    [TestCase(0u, 0u, 0u, RpcAcceptStatus.ProgramUnavailable)]
    public async Task Unknown_programs_versions_and_procedures(
        uint program, uint version, uint procedure, RpcAcceptStatus expected)
    {
        var (header, _) = await Client.RawAsync(program, version, procedure, []);
        Assert.That(header.AcceptStatus, Is.EqualTo(expected));
    }

    public static IEnumerable<TestCaseData> BadMounts()
    {
        foreach (var procedure in new[] { MountProcedure.Mnt, MountProcedure.Umnt })
        {
            yield return new TestCaseData(procedure, Array.Empty<byte>()).SetArgDisplayNames($"{procedure}", "nothing");
            yield return Mount(procedure, "a path of 1025 bytes", [0, 0, 4, 1, .. new byte[1028]]);
            yield return Mount(procedure, "a path of 4 GiB", [255, 255, 255, 255, 0, 0, 0, 0]);
            yield return Mount(procedure, "a path that is not there", [0, 0, 0, 9, (byte)'/']);
            yield return Mount(procedure, "something behind", [0, 0, 0, 1, (byte)'/', 0, 0, 0, 1, 2, 3, 4]);
        }

        foreach (var procedure in new[] { MountProcedure.Dump, MountProcedure.UmntAll, MountProcedure.Export })
            yield return Mount(procedure, "arguments", [0, 0, 0, 0]);
    }

    [TestCaseSource(nameof(BadMounts))]
    public async Task Malformed_mount_requests_are_garbage(MountProcedure procedure, byte[] arguments)
    {
        foreach (var version in new uint[] { 1, 3 })
        {
            var (header, _) = await Client.RawAsync(MountProtocol.Program, version, (uint)procedure, arguments);
            Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.GarbageArguments));
        }
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

    private static TestCaseData Case(Nfs3Procedure procedure, string what, Func<byte[], byte[]> spoil) =>
        new TestCaseData(procedure, spoil).SetArgDisplayNames($"{procedure}", what);

    private static TestCaseData Case(
        Nfs3Procedure procedure, string what, Func<byte[], byte[]> forge, Nfs3Status expected) =>
        new TestCaseData(procedure, forge, expected).SetArgDisplayNames($"{procedure}", what);

    private static TestCaseData Name(
        Nfs3Procedure procedure, string what, ReadOnlySpan<byte> name, Nfs3Status expected) =>
        new TestCaseData(procedure, name.ToArray(), expected).SetArgDisplayNames($"{procedure}", what);

    private static TestCaseData Mount(MountProcedure procedure, string what, byte[] arguments) =>
        new TestCaseData(procedure, arguments).SetArgDisplayNames($"{procedure}", what);

    private static byte[] Flip(byte[] bytes, int at)
    {
        bytes[at] ^= 0x40;
        return bytes;
    }

    private static ReadOnlySpan<byte> Long(int length) => Enumerable.Repeat((byte)'x', length).ToArray();
}
