using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Tests.Nfs;

/// <summary>NULL, GETATTR, SETATTR and ACCESS.</summary>
public sealed class AttributeProcedureTests : NfsFixture
{
    private static readonly RpcCredentials Alice = RpcCredentials.Sys(1000, 100, [200, 300], "client");

    [Test]
    public async Task Null_answers_nothing() =>
        Assert.That(await Client.CallAsync(Nfs3Procedure.Null, []), Is.Empty);

    [Test]
    public async Task GetAttr_of_the_root_is_a_directory()
    {
        var attributes = await Client.AttributesAsync(Root);
        Assert.That(attributes.Type, Is.EqualTo(Nfs3FileType.Directory));
        Assert.That(attributes.FileId, Is.EqualTo(1));
        Assert.That(attributes.LinkCount, Is.EqualTo(2));
        Assert.That(attributes.FileSystemId, Is.Not.Zero);
    }

    [Test]
    public async Task GetAttr_of_a_removed_file_is_stale()
    {
        var file = await Client.FileAsync(Root, "gone");
        await Client.RemoveAsync(Root, "gone");
        Assert.That((await Client.GetAttrAsync(file)).Status, Is.EqualTo(Nfs3Status.Stale));
    }

    [Test]
    public async Task SetAttr_changes_what_it_says_and_gives_both_sides()
    {
        var file = await Client.FileAsync(Root, "f");
        var before = await Client.AttributesAsync(file);
        var result = await Client.SetAttrAsync(file, new Nfs3SetAttributes
        {
            Mode = 0x180,
            UserId = 12,
            GroupId = 34,
            Size = 1 << 20,
            AccessTime = new Nfs3SetTime(Nfs3TimeHow.SetToClientTime, new Nfs3Time(1000, 1)),
            ModifyTime = new Nfs3SetTime(Nfs3TimeHow.SetToClientTime, new Nfs3Time(4_000_000_000, 999_999_999)),
        });

        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(
            result.Wcc.Before,
            Is.EqualTo(new Nfs3WccAttributes(before.Size, before.ModifyTime, before.ChangeTime)));
        var after = await Client.AttributesAsync(file);
        Assert.That(after, Is.EqualTo(result.Wcc.After));
        Assert.That(after.Mode, Is.EqualTo(0x180));
        Assert.That((after.UserId, after.GroupId), Is.EqualTo((12u, 34u)));
        Assert.That(after.Size, Is.EqualTo(1 << 20));
        Assert.That(after.AccessTime, Is.EqualTo(new Nfs3Time(1000, 1)));
        Assert.That(after.ModifyTime, Is.EqualTo(new Nfs3Time(4_000_000_000, 999_999_999)));
    }

    [Test]
    public async Task SetAttr_with_the_right_guard_passes_and_with_an_old_one_does_not()
    {
        var file = await Client.FileAsync(Root, "f");
        var guard = (await Client.AttributesAsync(file)).ChangeTime;
        var first = await Client.SetAttrAsync(file, new Nfs3SetAttributes { Mode = 0x180 }, guard);
        var second = await Client.SetAttrAsync(file, new Nfs3SetAttributes { Mode = 0x1A0 }, guard);

        Assert.That(first.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(second.Status, Is.EqualTo(Nfs3Status.NotSynchronized));
        Assert.That(second.Wcc.After?.Mode, Is.EqualTo(0x180));
    }

    [TestCase(1_000_000_000u)]
    [TestCase(uint.MaxValue)]
    public async Task SetAttr_refuses_a_second_in_nanoseconds(uint nanoseconds)
    {
        var time = new Nfs3SetTime(Nfs3TimeHow.SetToClientTime, new Nfs3Time(1, nanoseconds));
        var result = await Client.SetAttrAsync(Root, new Nfs3SetAttributes { ModifyTime = time });
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Invalid));
        Assert.That(result.Wcc.After, Is.Not.Null);
    }

    [TestCase(1UL << 63)]
    [TestCase(ulong.MaxValue)]
    public async Task SetAttr_refuses_a_size_past_the_largest(ulong size)
    {
        var file = await Client.FileAsync(Root, "f");
        var result = await Client.SetAttrAsync(file, new Nfs3SetAttributes { Size = size });
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.FileTooBig));
    }

    [Test]
    public async Task SetAttr_takes_the_largest_size()
    {
        var file = await Client.FileAsync(Root, "f");
        var result = await Client.SetAttrAsync(file, new Nfs3SetAttributes { Size = long.MaxValue });
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That((await Client.AttributesAsync(file)).Size, Is.EqualTo(long.MaxValue));
    }

    [Test]
    public async Task SetAttr_by_another_user_is_not_permitted()
    {
        var file = await Client.FileAsync(Root, "f");
        using var alice = await ConnectAsync(Alice);
        var result = await alice.SetAttrAsync(file, new Nfs3SetAttributes { Mode = 0x1FF });
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.NotOwner));
    }

    [Test]
    public async Task Access_follows_mode_bits_and_supplementary_groups()
    {
        var file = await Client.FileAsync(Root, "f");
        await Client.SetAttrAsync(file, new Nfs3SetAttributes { Mode = 0x1A0, GroupId = 300 });
        using var alice = await ConnectAsync(Alice);
        var result = await alice.AccessAsync(file, Nfs3AccessBits.All);

        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Ok));
        Assert.That(result.Access, Is.EqualTo(Nfs3AccessBits.Read));
        Assert.That(result.Attributes?.GroupId, Is.EqualTo(300));
    }

    [Test]
    public async Task Access_never_grants_bits_it_does_not_know()
    {
        var result = await Client.AccessAsync(Root, (Nfs3AccessBits)uint.MaxValue);
        Assert.That(result.Access & ~Nfs3AccessBits.All, Is.EqualTo(Nfs3AccessBits.None));
    }
}
