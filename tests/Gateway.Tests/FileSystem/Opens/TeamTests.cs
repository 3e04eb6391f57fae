using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>A new volume is its team's (ADR 11).</summary>
public sealed class TeamTests : TreeFixture, IOpenHolder
{
    private static readonly Caller Carol = new(1002, 100);

    bool IOpenHolder.IsConnected => true;

    [Test]
    public async Task The_root_is_the_groups()
    {
        var root = await AttributesAsync(Tree.Root);
        Assert.That((root.Mode, root.Uid, root.Gid), Is.EqualTo((0x5FDu, 0u, 100u)));
        var refused = await OpenAsync(Bob, "mine", OpenDisposition.Create);
        Assert.That(refused.Status, Is.EqualTo(FileStatus.AccessDenied), "another group");
    }

    [Test]
    public async Task Members_create_change_and_delete_each_others_files()
    {
        var directory = await MadeAsync(Alice, "d", OpenOptions.Directory);
        var file = await MadeAsync(Alice, "d/f");
        Assert.That((directory.Mode, directory.Uid, directory.Gid, directory.HasDescriptor), Is.EqualTo((0x5FDu, 1000u, 100u, false)));
        Assert.That((file.Mode, file.Uid, file.Gid, file.HasDescriptor), Is.EqualTo((0x1B4u, 1000u, 100u, false)));

        var changed = (await OpenAsync(Carol, "d/f", OpenDisposition.Open)).Open!;
        var written = await changed.WriteAsync(0, new ReadOnlySequence<byte>([1, 2, 3]), WriteStability.FileSync);
        Assert.That(written.Status, Is.EqualTo(FileStatus.Ok));
        await changed.CloseAsync();
        Assert.That((await AttributesAsync(file.Node)).Size, Is.EqualTo(3));

        await MadeAsync(Carol, "d/g");
        foreach (var path in new[] { "d/f", "d/g", "d" })
        {
            var doomed = (await OpenAsync(
                path == "d/g" ? Alice : Carol, path, OpenDisposition.Open, OpenOptions.DeleteOnClose, AccessMask.Delete)).Open!;
            await doomed.CloseAsync();
        }

        Assert.That(await LookupStatusAsync(Tree.Root, "d"), Is.EqualTo(FileStatus.NoEntry));
    }

    [Test]
    public async Task The_group_of_a_directory_is_handed_on_only_with_its_bit()
    {
        await Tree.SetAttributesAsync(Tree.Root, new AttributeChanges { Mode = 0x5FF, Gid = 7 }, null, Root);
        Assert.That((await MadeAsync(Bob, "theirs")).Gid, Is.EqualTo(7));
        await Tree.SetAttributesAsync(Tree.Root, Mode(0x1FF), null, Root);
        Assert.That((await MadeAsync(Bob, "own")).Gid, Is.EqualTo(101));
    }

    [Test]
    public async Task An_inheritable_list_counts_instead_of_the_bits()
    {
        var parent = await MadeAsync(Alice, "d", OpenOptions.Directory);
        var alice = Tree.Sids.OfUser(Alice.Uid);
        await Tree.SetDescriptorAsync(
            parent.Node,
            new SecurityDescriptor
            {
                Owner = alice,
                Group = Tree.Sids.OfGroup(100),
                Dacl = new AccessControlList(
                    new AccessControlEntry(
                        AceType.AccessAllowed, AceFlags.ObjectInherit | AceFlags.ContainerInherit, AccessMask.FileAll, alice)),
                Control = SecurityControl.SelfRelative | SecurityControl.DaclPresent,
            },
            Root);
        var child = await MadeAsync(Alice, "d/f");
        Assert.That((child.Mode, child.Gid, child.HasDescriptor), Is.EqualTo((0x1C0u, 100u, true)));
        Assert.That((await OpenAsync(Carol, "d/f", OpenDisposition.Open)).Status, Is.EqualTo(FileStatus.AccessDenied));
    }

    [Test]
    public async Task Nobody_makes_a_file_of_somebody_else()
    {
        var forged = new SecurityDescriptor { Owner = Tree.Sids.OfUser(Carol.Uid), Control = SecurityControl.SelfRelative };
        var result = await OpenAsync(Alice, "f", OpenDisposition.Create, descriptor: forged);
        Assert.That(result.Status, Is.EqualTo(FileStatus.InvalidOwner));
        result = await OpenAsync(Alice, "f", OpenDisposition.Create, descriptor: forged with { Owner = Tree.Sids.OfUser(Alice.Uid) });
        Assert.That((result.Status, (await AttributesAsync(result.Open!.Node)).Gid), Is.EqualTo((FileStatus.Ok, 100u)));
        await result.Open.CloseAsync();
    }

    void IOpenHolder.BreakOplock(Open open, OplockLevel to) => Assert.Fail("nothing is cached");

    void IOpenHolder.BreakLease(Lease lease, LeaseState from, LeaseState to, ushort epoch, bool acknowledge) =>
        Assert.Fail("nothing is cached");

    void IOpenHolder.Closed(Open open) => Assert.Fail("nobody is away");

    private async Task<NodeAttributes> MadeAsync(Caller caller, string path, OpenOptions options = OpenOptions.None)
    {
        var made = await OpenAsync(caller, path, OpenDisposition.Create, options);
        Assert.That(made.Status, Is.EqualTo(FileStatus.Ok), path);
        await made.Open!.CloseAsync();
        return await AttributesAsync(made.Open.File);
    }

    private ValueTask<OpenResult> OpenAsync(
        Caller caller, string path, OpenDisposition disposition, OpenOptions options = OpenOptions.None,
        AccessMask access = AccessMask.FileRead | AccessMask.FileWrite, SecurityDescriptor? descriptor = null) =>
        Tree.Opens.OpenAsync(new OpenRequest
        {
            Root = Tree.Root,
            Path = [.. path.Split('/').Select(name => new ReadOnlyMemory<byte>(Bytes(name)))],
            Access = access,
            Share = ShareModes.All,
            Disposition = disposition,
            Options = options,
            Descriptor = descriptor,
            Token = new SecurityToken(caller, Tree.Sids),
            Holder = this,
        });
}
