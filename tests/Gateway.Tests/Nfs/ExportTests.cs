using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Nfs;

/// <summary>Who may mount what, and as whom they act.</summary>
public sealed class ExportTests
{
    private static ExportOptions Export(ExportClientOptions client, string path = "/files", string directory = "") =>
        new() { Path = path, Volume = "files", Directory = directory, Clients = [client] };

    private static readonly ExportClientOptions Squashed =
        new() { Match = "*", AnonymousUserId = 99, AnonymousGroupId = 98 };

    private static readonly RpcCredentials Alice = RpcCredentials.Sys(1000, 100, [0, 200], "client");

    public sealed class ReadOnly : NfsFixture
    {
        private protected override IReadOnlyList<ExportOptions> Exports =>
            [Export(new ExportClientOptions { Match = "127.0.0.0/8", ReadOnly = true })];

        [Test]
        public async Task Every_change_is_refused_with_the_attributes()
        {
            var made = await Tree.CreateAsync(Tree.Root, "f"u8, CreateMode.Guarded, default, 0, Caller.Root);
            var file = (await Client.LookupAsync(Root, "f")).Handle;
            Assert.That(made.Status, Is.EqualTo(FileStatus.Ok));

            var written = await Client.WriteAsync(file, 0, [1]);
            var set = await Client.SetAttrAsync(file, new Nfs3SetAttributes { Mode = 0 });
            var renamed = await Client.RenameAsync(Root, "f", Root, "g");
            var linked = await Client.LinkAsync(file, Root, "g");
            var created = await Client.CreateAsync(Root, "g");
            Nfs3Status[] statuses =
            [
                written.Status,
                set.Status,
                renamed.Status,
                linked.Status,
                created.Status,
                (await Client.CommitAsync(file)).Status,
                (await Client.MkDirAsync(Root, "d")).Status,
                (await Client.SymLinkAsync(Root, "s", [1])).Status,
                (await Client.MkNodAsync(Root, "n", Nfs3FileType.Fifo)).Status,
                (await Client.RemoveAsync(Root, "f")).Status,
                (await Client.RmDirAsync(Root, "d")).Status,
            ];
            Assert.That(statuses, Is.All.EqualTo(Nfs3Status.ReadOnly));
            Assert.That(written.Wcc.After?.Size, Is.Zero);
            Assert.That(set.Wcc.After?.Type, Is.EqualTo(Nfs3FileType.Regular));
            Assert.That(renamed.FromWcc.After?.FileId, Is.EqualTo(1));
            Assert.That(renamed.ToWcc.After?.FileId, Is.EqualTo(1));
            Assert.That(linked.FileAttributes?.Type, Is.EqualTo(Nfs3FileType.Regular));
            Assert.That(linked.DirectoryWcc.After?.FileId, Is.EqualTo(1));
            Assert.That(created.DirectoryWcc.After?.FileId, Is.EqualTo(1));
        }

        [Test]
        public async Task Access_grants_no_change_and_reading_works()
        {
            var access = await Client.AccessAsync(Root, Nfs3AccessBits.All);
            Assert.That(access.Access, Is.EqualTo(Nfs3AccessBits.Read | Nfs3AccessBits.Lookup));
            Assert.That((await Client.ReadDirAsync(Root)).Status, Is.EqualTo(Nfs3Status.Ok));
        }
    }

    public sealed class RootSquashed : NfsFixture
    {
        private protected override IReadOnlyList<ExportOptions> Exports =>
            [Export(Squashed with { Squash = Squash.Root })];

        [SetUp]
        public async Task OpenToAll() =>
            await Tree.SetAttributesAsync(Tree.Root, new AttributeChanges { Mode = 0x1FF }, null, Caller.Root);

        [Test]
        public async Task Root_is_nobody_and_others_are_themselves()
        {
            var byRoot = await Client.CreateAsync(Root, "a");
            Assert.That(byRoot.ObjectAttributes?.UserId, Is.EqualTo(99));
            Assert.That(byRoot.ObjectAttributes?.GroupId, Is.EqualTo(98));

            using var alice = await ConnectAsync(Alice);
            var byAlice = await alice.CreateAsync(Root, "b");
            Assert.That(byAlice.ObjectAttributes?.UserId, Is.EqualTo(1000));
            Assert.That(byAlice.ObjectAttributes?.GroupId, Is.EqualTo(100));
        }

        [Test]
        public async Task The_group_of_root_helps_nobody()
        {
            var file = await Tree.CreateAsync(
                Tree.Root, "f"u8, CreateMode.Guarded, new AttributeChanges { Mode = 0x1B0 }, 0, Caller.Root);
            Assert.That(file.Status, Is.EqualTo(FileStatus.Ok));
            using var alice = await ConnectAsync(Alice);
            var found = await alice.LookupAsync(Root, "f");
            Assert.That((await alice.ReadAsync(found.Handle, 0, 1)).Status, Is.EqualTo(Nfs3Status.Access));
        }

        [Test]
        public async Task Who_says_nothing_is_nobody()
        {
            using var silent = await ConnectAsync(RpcCredentials.None);
            var made = await silent.CreateAsync(Root, "a");
            Assert.That(made.ObjectAttributes?.UserId, Is.EqualTo(99));
        }
    }

    public sealed class AllSquashed : NfsFixture
    {
        private protected override IReadOnlyList<ExportOptions> Exports =>
            [Export(Squashed with { Squash = Squash.All })];

        [Test]
        public async Task Everybody_is_nobody()
        {
            await Tree.SetAttributesAsync(Tree.Root, new AttributeChanges { Mode = 0x1FF }, null, Caller.Root);
            using var alice = await ConnectAsync(Alice);
            var made = await alice.CreateAsync(Root, "b");
            Assert.That(made.ObjectAttributes?.UserId, Is.EqualTo(99));
        }
    }

    public sealed class Mounts : NfsFixture
    {
        private protected override IReadOnlyList<ExportOptions> Exports =>
        [
            Export(new ExportClientOptions { Match = "127.0.0.1" }),
            Export(new ExportClientOptions { Match = "*" }, "/deep/er", "a/b"),
            Export(new ExportClientOptions { Match = "192.0.2.0/24" }, "/others"),
            Export(new ExportClientOptions { Match = "*", PrivilegedPortsOnly = true }, "/privileged"),
        ];

        [SetUp]
        public async Task MakeDirectories()
        {
            var a = await Client.DirectoryAsync(Root, "a");
            var b = await Client.DirectoryAsync(a, "b");
            await Client.DirectoryAsync(b, "c");
            await Client.FileAsync(Root, "file");
            await Client.SymLinkAsync(Root, "link", "a"u8.ToArray());
        }

        [TestCase("/files", MountStatus.Ok)]
        [TestCase("/files/", MountStatus.Ok)]
        [TestCase("//files//.", MountStatus.Ok)]
        [TestCase("/files/a/b", MountStatus.Ok)]
        [TestCase("/deep/er", MountStatus.Ok)]
        [TestCase("/deep/er/c", MountStatus.Ok)]
        [TestCase("/deep", MountStatus.NoEntry)]
        [TestCase("/deep/er/x", MountStatus.NoEntry)]
        [TestCase("/files/x", MountStatus.NoEntry)]
        [TestCase("/filesystem", MountStatus.NoEntry)]
        [TestCase("/", MountStatus.NoEntry)]
        [TestCase("", MountStatus.NoEntry)]
        [TestCase("files", MountStatus.NoEntry)]
        [TestCase("/files/file", MountStatus.NotDirectory)]
        [TestCase("/files/file/x", MountStatus.NotDirectory)]
        [TestCase("/files/link", MountStatus.NotDirectory)]
        [TestCase("/deep/er/..", MountStatus.Invalid)]
        [TestCase("/files/../etc", MountStatus.Invalid)]
        [TestCase("/others", MountStatus.Access)]
        [TestCase("/others/a", MountStatus.Access)]
        [TestCase("/privileged", MountStatus.Access)]
        public async Task Mnt(string path, MountStatus expected)
        {
            var (status, handle) = await Client.MountAsync(path);
            Assert.That(status, Is.EqualTo(expected));
            if (expected == MountStatus.Ok)
                Assert.That((await Client.AttributesAsync(handle)).Type, Is.EqualTo(Nfs3FileType.Directory));
        }

        [Test]
        public async Task The_handle_of_a_directory_does_not_depend_on_the_way_to_it()
        {
            var byPath = await Client.MountAsync("/files/a/b/c");
            var byExport = await Client.MountAsync("/deep/er/c");
            Assert.That(byPath.Handle, Is.EqualTo(byExport.Handle));
        }

        [Test]
        public async Task A_name_that_is_too_long_says_so()
        {
            var (status, _) = await Client.MountAsync("/files/" + new string('x', 256));
            Assert.That(status, Is.EqualTo(MountStatus.NameTooLong));
        }

        [Test]
        public async Task Export_lists_paths_and_who_may()
        {
            foreach (var version in new uint[] { 1, 3 })
            {
                var results = await Client.MountCallAsync(MountProcedure.Export, [], version);
                Assert.That(ExportRes.TryParse(results, out var exports));
                Assert.That(
                    exports.Select(export => export.Path),
                    Is.EqualTo(new[] { "/files", "/deep/er", "/others", "/privileged" }));
                Assert.That(exports[0].Groups, Is.EqualTo(new[] { "127.0.0.1" }));
                Assert.That(exports[1].Groups, Is.Empty);
            }
        }

        [Test]
        public async Task Dump_knows_mounts_until_they_are_undone()
        {
            await Client.MountAsync("/deep/er");
            Assert.That(await DumpAsync(), Is.EquivalentTo(new[] { "/files", "/deep/er" }));

            await Client.MountCallAsync(
                MountProcedure.Umnt, NfsConnection.Encode(writer => writer.WriteOpaque("/deep/er"u8)));
            Assert.That(await DumpAsync(), Is.EquivalentTo(new[] { "/files" }));

            await Client.MountCallAsync(MountProcedure.UmntAll, []);
            Assert.That(await DumpAsync(), Is.Empty);
        }

        [Test]
        public async Task Dump_is_bounded()
        {
            for (var number = 0; number < 1100; number++)
            {
                var path = "/files" + new string('/', number % 900) + "/." + new string('/', number / 900);
                await Client.MountAsync(path);
            }

            Assert.That(await DumpAsync(), Has.Count.LessThanOrEqualTo(1024));
        }

        [Test]
        public async Task Version_1_hands_out_no_handles()
        {
            var path = NfsConnection.Encode(writer => writer.WriteOpaque("/files"u8));
            var results = await Client.MountCallAsync(MountProcedure.Mnt, path, 1);
            Assert.That(results, Is.EqualTo(new byte[] { 0, 0, 0, 13 }));
        }

        [Test]
        public async Task Version_2_is_a_mismatch()
        {
            var (header, _) = await Client.RawAsync(MountProtocol.Program, 2, 0, []);
            Assert.That(header.AcceptStatus, Is.EqualTo(RpcAcceptStatus.ProgramMismatch));
            Assert.That((header.VersionMin, header.VersionMax), Is.EqualTo((1u, 3u)));
        }

        private async Task<List<string>> DumpAsync()
        {
            Assert.That(DumpRes.TryParse(await Client.MountCallAsync(MountProcedure.Dump, []), out var mounts));
            Assert.That(mounts.Select(mount => mount.Host), Is.All.EqualTo("127.0.0.1"));
            return [.. mounts.Select(mount => mount.Path)];
        }
    }

    public sealed class NotForUs : NfsFixture
    {
        private ExportOptions _export = Export(new ExportClientOptions { Match = "*" });

        private protected override IReadOnlyList<ExportOptions> Exports => [_export];

        [Test]
        public async Task A_handle_does_not_help_a_client_that_is_not_let_in()
        {
            var handle = Root;
            _export = Export(new ExportClientOptions { Match = "192.0.2.1" });
            await Assert.ThatAsync(RestartAsync, Throws.InstanceOf<AssertionException>());
            using var stranger = await ConnectAsync();

            Assert.That((await stranger.GetAttrAsync(handle)).Status, Is.EqualTo(Nfs3Status.Access));
            Assert.That((await stranger.MkDirAsync(handle, "d")).Status, Is.EqualTo(Nfs3Status.Access));
            Assert.That((await stranger.ReadDirAsync(handle)).Status, Is.EqualTo(Nfs3Status.Access));
        }
    }

    public sealed class Configuration
    {
        private static readonly ExportClientOptions Anyone = new() { Match = "*" };

        [Test]
        public void Nonsense_is_refused_with_a_reason()
        {
            Refused(new ExportOptions { Path = "files", Volume = "files" }, "begin with '/'");
            Refused(new ExportOptions { Path = "/", Volume = "files" }, "cannot be");
            Refused(new ExportOptions { Path = "/a/../b", Volume = "files" }, "cannot be");
            Refused(new ExportOptions { Path = "/files", Volume = "other" }, "unknown volume");
            Refused(new ExportOptions { Path = "/files", Volume = "files", Directory = "../x" }, "no directory");
            Refused(Export(new ExportClientOptions { Match = "nowhere" }), "no address");
        }

        private static void Refused(ExportOptions options, string reason)
        {
            var volumes = options.Volume == "files" ? new Dictionary<string, FileTree> { ["files"] = null! } : [];
            Assert.That(
                () => new ExportTable([options], volumes),
                Throws.InstanceOf<ExportException>().With.Message.Contains(reason));
        }

        [Test]
        public void A_path_is_exported_once()
        {
            var volumes = new Dictionary<string, FileTree> { ["files"] = null! };
            Assert.That(
                () => new ExportTable([Export(Anyone), Export(Anyone, "/files/")], volumes),
                Throws.InstanceOf<ExportException>().With.Message.Contains("twice"));
        }
    }
}
