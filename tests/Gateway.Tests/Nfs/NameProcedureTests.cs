using System.Text;
using Gateway.Protocol.Nfs3;

namespace Gateway.Tests.Nfs;

/// <summary>LOOKUP, READLINK, CREATE, MKDIR, SYMLINK, MKNOD, REMOVE, RMDIR, RENAME and LINK.</summary>
public sealed class NameProcedureTests : NfsFixture
{
    [Test]
    public async Task Lookup_finds_what_create_made()
    {
        var made = await Client.CreateAsync(Root, "hello", attributes: new Nfs3SetAttributes { Mode = 0x1A4 });
        var found = await Client.LookupAsync(Root, "hello");

        Assert.That(found.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(found.Handle, Is.EqualTo(made.Handle));
        Assert.That(found.ObjectAttributes, Is.EqualTo(made.ObjectAttributes));
        Assert.That(found.DirectoryAttributes, Is.EqualTo(made.DirectoryWcc.After));
    }

    [Test]
    public async Task Lookup_of_nothing_still_tells_the_directory()
    {
        var found = await Client.LookupAsync(Root, "nothing");
        Assert.That(found.Status, Is.EqualTo(Nfs3Status.NoEntry));
        Assert.That(found.DirectoryAttributes?.FileId, Is.EqualTo(1));
    }

    [TestCase(".")]
    [TestCase("..")]
    public async Task Lookup_of_dot_and_dot_dot_in_the_root_is_the_root(string name)
    {
        var found = await Client.LookupAsync(Root, name);
        Assert.That(found.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(found.Handle, Is.EqualTo(Root));
    }

    [Test]
    public async Task Create_gives_the_directory_before_and_after()
    {
        var before = await Client.AttributesAsync(Root);
        var made = await Client.CreateAsync(Root, "f");

        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(
            made.DirectoryWcc.Before,
            Is.EqualTo(new Nfs3WccAttributes(before.Size, before.ModifyTime, before.ChangeTime)));
        Assert.That(made.DirectoryWcc.After, Is.EqualTo(await Client.AttributesAsync(Root)));
    }

    [Test]
    public async Task Create_unchecked_takes_the_file_that_is_there()
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.WriteAsync(file, 0, [1, 2, 3]);
        var again = await Client.CreateAsync(
            Root, "f", Nfs3CreateMode.Unchecked, new Nfs3SetAttributes { Size = 1 });

        Assert.That(again.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(again.Handle, Is.EqualTo(file));
        Assert.That(again.ObjectAttributes?.Size, Is.EqualTo(1));
    }

    [Test]
    public async Task Create_guarded_refuses_a_name_that_is_there()
    {
        await Client.FileAsync(Root, "f");
        var again = await Client.CreateAsync(Root, "f");
        Assert.That(again.Status, Is.EqualTo(Nfs3Status.Exists));
        Assert.That(again.DirectoryWcc.After, Is.Not.Null);
    }

    [Test]
    public async Task Create_exclusive_is_the_same_creation_with_the_same_verifier_only()
    {
        var first = await Client.CreateAsync(Root, "f", Nfs3CreateMode.Exclusive, verifier: 0x1234_5678_9ABC_DEF0);
        var same = await Client.CreateAsync(Root, "f", Nfs3CreateMode.Exclusive, verifier: 0x1234_5678_9ABC_DEF0);
        var other = await Client.CreateAsync(Root, "f", Nfs3CreateMode.Exclusive, verifier: 1);

        Assert.That(first.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(same.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(same.Handle, Is.EqualTo(first.Handle));
        Assert.That(other.Status, Is.EqualTo(Nfs3Status.Exists));
    }

    [Test]
    public async Task MkDir_and_RmDir()
    {
        var made = await Client.MkDirAsync(Root, "d");
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(made.ObjectAttributes?.Type, Is.EqualTo(Nfs3FileType.Directory));
        Assert.That(made.DirectoryWcc.After?.LinkCount, Is.EqualTo(3));
        Assert.That((await Client.MkDirAsync(Root, "d")).Status, Is.EqualTo(Nfs3Status.Exists));

        await Client.FileAsync(made.Handle!.Value, "f");
        Assert.That((await Client.RmDirAsync(Root, "d")).Status, Is.EqualTo(Nfs3Status.NotEmpty));
        await Client.RemoveAsync(made.Handle!.Value, "f");
        var removed = await Client.RmDirAsync(Root, "d");
        Assert.That(removed.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(removed.Wcc.Before, Is.Not.Null);
        Assert.That(removed.Wcc.After?.LinkCount, Is.EqualTo(2));
    }

    [Test]
    public async Task SymLink_keeps_its_content_as_bytes()
    {
        byte[] content = [0xFF, (byte)'/', (byte)'.', (byte)'.', 0xC3];
        var made = await Client.SymLinkAsync(Root, "s", content);
        Assert.That(made.ObjectAttributes?.Type, Is.EqualTo(Nfs3FileType.SymbolicLink));
        Assert.That(made.ObjectAttributes?.Size, Is.EqualTo(content.Length));

        var results = await Client.CallAsync(Nfs3Procedure.ReadLink, NfsConnection.Handle(made.Handle!.Value));
        Assert.That(ReadLinkRes.TryParse(results, out var link));
        Assert.That(link.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(link.Path.ToArray(), Is.EqualTo(content));
        Assert.That(link.Attributes?.FileId, Is.EqualTo(made.ObjectAttributes?.FileId));
    }

    [Test]
    public async Task ReadLink_of_a_file_is_invalid()
    {
        var file = await Client.FileAsync(Root, "f");
        var results = await Client.CallAsync(Nfs3Procedure.ReadLink, NfsConnection.Handle(file));
        Assert.That(ReadLinkRes.TryParse(results, out var link));
        Assert.That(link.Status, Is.EqualTo(Nfs3Status.Invalid));
    }

    [TestCase(Nfs3FileType.Fifo)]
    [TestCase(Nfs3FileType.Socket)]
    [TestCase(Nfs3FileType.BlockDevice)]
    [TestCase(Nfs3FileType.CharacterDevice)]
    public async Task MkNod_makes_every_special_file(Nfs3FileType type)
    {
        var made = await Client.MkNodAsync(Root, "n", type, new Nfs3Device(8, 17));
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        var attributes = await Client.AttributesAsync(made.Handle!.Value);
        Assert.That(attributes.Type, Is.EqualTo(type));
        if (type is Nfs3FileType.BlockDevice or Nfs3FileType.CharacterDevice)
            Assert.That(attributes.Device, Is.EqualTo(new Nfs3Device(8, 17)));
    }

    [Test]
    public async Task Remove_frees_the_name()
    {
        await Client.FileAsync(Root, "f");
        var removed = await Client.RemoveAsync(Root, "f");
        Assert.That(removed.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(removed.Wcc.Before, Is.Not.Null);
        Assert.That((await Client.LookupAsync(Root, "f")).Status, Is.EqualTo(Nfs3Status.NoEntry));
        Assert.That((await Client.RemoveAsync(Root, "f")).Status, Is.EqualTo(Nfs3Status.NoEntry));
    }

    [Test]
    public async Task Rename_moves_between_directories()
    {
        var from = await Client.DirectoryAsync(Root, "from");
        var to = await Client.DirectoryAsync(Root, "to");
        var file = await Client.FileAsync(from, "a");
        var renamed = await Client.RenameAsync(from, "a", to, "b");

        Assert.That(renamed.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(renamed.FromWcc.After?.FileId, Is.EqualTo((await Client.AttributesAsync(from)).FileId));
        Assert.That(renamed.ToWcc.After?.FileId, Is.EqualTo((await Client.AttributesAsync(to)).FileId));
        Assert.That(renamed.FromWcc.Before, Is.Not.Null);
        Assert.That(renamed.ToWcc.Before, Is.Not.Null);
        Assert.That((await Client.LookupAsync(to, "b")).Handle, Is.EqualTo(file));
    }

    [Test]
    public async Task Rename_over_an_open_file_leaves_the_old_handle_stale()
    {
        var old = await Client.FileAsync(Root, "old");
        var made = await Client.FileAsync(Root, "new");
        Assert.That((await Client.RenameAsync(Root, "new", Root, "old")).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await Client.GetAttrAsync(old)).Status, Is.EqualTo(Nfs3Status.Stale));
        Assert.That((await Client.LookupAsync(Root, "old")).Handle, Is.EqualTo(made));
    }

    [Test]
    public async Task Rename_into_its_own_subdirectory_is_invalid()
    {
        var directory = await Client.DirectoryAsync(Root, "d");
        Assert.That((await Client.RenameAsync(Root, "d", directory, "e")).Status, Is.EqualTo(Nfs3Status.Invalid));
    }

    [Test]
    public async Task Link_adds_a_name_to_a_file_but_not_to_a_directory()
    {
        var file = await Client.FileAsync(Root, "f");
        var linked = await Client.LinkAsync(file, Root, "g");
        Assert.That(linked.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(linked.FileAttributes?.LinkCount, Is.EqualTo(2));
        Assert.That(linked.DirectoryWcc.Before, Is.Not.Null);
        Assert.That((await Client.LookupAsync(Root, "g")).Handle, Is.EqualTo(file));

        var directory = await Client.DirectoryAsync(Root, "d");
        var refused = await Client.LinkAsync(directory, Root, "e");
        Assert.That(refused.Status, Is.AnyOf(Nfs3Status.NotOwner, Nfs3Status.IsDirectory, Nfs3Status.Invalid));
    }

    [Test]
    public async Task Names_are_bytes_up_to_255()
    {
        var longest = new string('x', 255);
        Assert.That((await Client.CreateAsync(Root, longest)).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await Client.LookupAsync(Root, longest)).Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await Client.CreateAsync(Root, longest + "x")).Status, Is.EqualTo(Nfs3Status.NameTooLong));

        var latin = Encoding.Latin1.GetBytes("größe");
        var results = await Client.CallAsync(Nfs3Procedure.Lookup, NfsConnection.DirOp(Root, latin));
        Assert.That(LookupRes.TryParse(results, out var found));
        Assert.That(found.Status, Is.EqualTo(Nfs3Status.NoEntry));
    }
}
