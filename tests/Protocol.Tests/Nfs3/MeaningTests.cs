using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Tests.Captures;

namespace Gateway.Protocol.Tests.Nfs3;

/// <summary>
/// Fields of captured messages hold what the clients meant: a codec that swaps two fields both ways would pass a
/// round trip.
/// </summary>
public sealed class MeaningTests
{
    [Test]
    public void Write_of_a_line()
    {
        Assert.That(WriteArgs.TryParse(Capture.Of("linux", "WRITE").Arguments, out var args, out _));
        Assert.That(args.Offset, Is.Zero);
        Assert.That(args.Stability, Is.EqualTo(Nfs3Stability.FileSync));
        Assert.That(args.Content.ToArray(), Is.EqualTo("hello, nfs\n"u8.ToArray()));

        Assert.That(WriteRes.TryParse(Capture.Of("linux", "WRITE").Result, out var result));
        Assert.That(result.Count, Is.EqualTo(11));
        Assert.That(result.Wcc.After?.Size, Is.EqualTo(11));
    }

    [Test]
    public void Exclusive_create()
    {
        var exclusive = Capture.All.First(capture =>
            capture.Procedure == "CREATE"
            && CreateArgs.TryParse(capture.Arguments, out var args)
            && args.Mode == Nfs3CreateMode.Exclusive);
        Assert.That(CreateArgs.TryParse(exclusive.Arguments, out var parsed));
        Assert.That(parsed.Where.Name.ToArray(), Is.EqualTo("excl"u8.ToArray()));
        Assert.That(parsed.Verifier, Is.Not.Zero);

        Assert.That(NewObjectRes.TryParse(exclusive.Result, out var result));
        Assert.That(result.Handle?.Length, Is.EqualTo(24));
        Assert.That(result.ObjectAttributes?.Type, Is.EqualTo(Nfs3FileType.Regular));
        Assert.That(result.DirectoryWcc.After?.Type, Is.EqualTo(Nfs3FileType.Directory));
    }

    [Test]
    public void Touch_with_a_time_of_the_client()
    {
        var times = Attributes().Where(set => set.ModifyTime.How == Nfs3TimeHow.SetToClientTime).ToList();
        Assert.That(times.Select(set => set.ModifyTime.Time.Seconds), Does.Contain(981173106u));
    }

    [Test]
    public void Chmod_chown_and_truncate()
    {
        var set = Attributes().ToList();
        Assert.That(set.Select(one => one.Mode & 0xFFF), Does.Contain((uint?)0x1A0));
        Assert.That(set.Select(one => (one.UserId, one.GroupId)), Does.Contain(((uint?)12, (uint?)34)));
        Assert.That(set.Select(one => one.Size), Does.Contain((ulong?)0).Or.Contain((ulong?)5));
    }

    [Test]
    public void Device_numbers_of_dev_null()
    {
        var device = Capture.All.First(capture =>
            capture.Procedure == "MKNOD"
            && MkNodArgs.TryParse(capture.Arguments, out var args)
            && args.Type == Nfs3FileType.CharacterDevice);
        Assert.That(MkNodArgs.TryParse(device.Arguments, out var parsed));
        Assert.That(parsed.Device, Is.EqualTo(new Nfs3Device(1, 3)));

        Assert.That(NewObjectRes.TryParse(device.Result, out var result));
        Assert.That(result.ObjectAttributes?.Device, Is.EqualTo(new Nfs3Device(1, 3)));
    }

    [Test]
    public void Rename_and_link_name_both_ends()
    {
        Assert.That(RenameArgs.TryParse(Capture.Of("linux", "RENAME").Arguments, out var rename));
        Assert.That(rename.From.Name.ToArray(), Is.EqualTo("link"u8.ToArray()));
        Assert.That(rename.To.Name.ToArray(), Is.EqualTo("moved"u8.ToArray()));

        Assert.That(LinkRes.TryParse(Capture.Of("linux", "LINK").Result, out var link));
        Assert.That(link.FileAttributes?.LinkCount, Is.EqualTo(2));
    }

    [Test]
    public void A_directory_with_attributes_and_handles()
    {
        var names = new List<string>();
        Assert.That(DirectoryListRes.TryParse(Capture.Of("libnfs", "READDIRPLUS").Result, plus: true, out var list));
        foreach (var entry in list)
        {
            names.Add(System.Text.Encoding.ASCII.GetString(entry.Name));
            Assert.That(entry.Attributes?.FileId, Is.EqualTo(entry.FileId));
        }

        Assert.That(names, Is.EquivalentTo(new[] { ".", "..", "f" }));
        Assert.That(list.IsEndOfDirectory);
    }

    [Test]
    public void Sizes_of_the_file_system()
    {
        Assert.That(FsInfoRes.TryParse(Capture.Of("linux", "FSINFO").Result, out var info));
        Assert.That(info.ReadMax, Is.EqualTo(info.WriteMax));
        Assert.That(info.Properties, Is.EqualTo((Nfs3Properties)0x1B));

        Assert.That(FsStatRes.TryParse(Capture.Of("linux", "FSSTAT").Result, out var space));
        Assert.That(space.TotalBytes, Is.GreaterThan(space.FreeBytes));
        Assert.That(space.FreeBytes, Is.GreaterThanOrEqualTo(space.AvailableBytes));

        Assert.That(PathConfRes.TryParse(Capture.Of("linux", "PATHCONF").Result, out var names));
        Assert.That(names.NameBytesMax, Is.EqualTo(1024));
        Assert.That(names.CasePreserving && !names.CaseInsensitive);
    }

    private static IEnumerable<Nfs3SetAttributes> Attributes()
    {
        foreach (var capture in Capture.All.Where(capture => capture.Procedure == "SETATTR"))
        {
            Assert.That(SetAttrArgs.TryParse(capture.Arguments, out var args));
            yield return args.Attributes;
        }
    }
}
