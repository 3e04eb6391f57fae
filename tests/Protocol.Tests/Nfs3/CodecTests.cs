using FsCheck;
using FsCheck.Fluent;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Tests.Captures;
using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Nfs3;

public sealed class CodecTests
{
    private static readonly string[] Procedures = [.. Recoding.All.Keys];

    [TestCaseSource(nameof(Procedures))]
    public void Random_bytes_never_throw(string procedure)
    {
        var (arguments, result) = Recoding.All[procedure];
        Check.QuickThrowOnFailure(Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            arguments(bytes);
            result(bytes);
            result([0, 0, 0, 0, .. bytes]);
        }));
    }

    [FsCheck.NUnit.Property(QuietOnSuccess = true)]
    public bool Attributes_to_set_come_back(
        uint? mode, uint? user, uint? group, ulong? size, byte access, byte modify, uint seconds, uint nanoseconds)
    {
        var attributes = new Nfs3SetAttributes
        {
            Mode = mode,
            UserId = user,
            GroupId = group,
            Size = size,
            AccessTime = SetTime(access, seconds, nanoseconds),
            ModifyTime = SetTime(modify, nanoseconds, seconds),
        };
        using var writer = new XdrWriter();
        new SetAttrArgs { Handle = [1], Attributes = attributes, Guard = new Nfs3Time(seconds, 1) }.Write(writer);
        return SetAttrArgs.TryParse(writer.WrittenSpan, out var parsed)
            && parsed.Attributes == attributes
            && parsed.Guard == new Nfs3Time(seconds, 1);
    }

    [FsCheck.NUnit.Property(QuietOnSuccess = true)]
    public bool File_attributes_come_back(ulong size, ulong used, ulong id, uint mode, uint links, uint user, uint time)
    {
        var attributes = SomeAttributes with
        {
            Size = size,
            Used = used,
            FileId = id,
            Mode = mode,
            LinkCount = links,
            UserId = user,
            ModifyTime = new Nfs3Time(time, 7),
        };
        using var writer = new XdrWriter();
        var result = new WccRes(
            Nfs3Status.Access,
            new Nfs3WccData(new Nfs3WccAttributes(size, new Nfs3Time(time, 1), new Nfs3Time(2, time)), attributes));
        result.Write(writer);
        return WccRes.TryParse(writer.WrittenSpan, out var parsed) && parsed == result;
    }

    [TestCase(0u)]
    [TestCase(8u)]
    [TestCase(uint.MaxValue)]
    public void An_unknown_file_type_in_a_result_is_refused(uint type)
    {
        using var writer = new XdrWriter();
        new GetAttrRes { Status = Nfs3Status.Ok, Attributes = SomeAttributes with { Type = (Nfs3FileType)type } }
            .Write(writer);
        Assert.That(GetAttrRes.TryParse(writer.WrittenSpan, out _), Is.False);
    }

    [TestCase(Nfs3FileType.Regular)]
    [TestCase(Nfs3FileType.Directory)]
    [TestCase((Nfs3FileType)99)]
    public void MkNod_of_another_type_carries_nothing(Nfs3FileType type)
    {
        using var writer = new XdrWriter();
        new MkNodArgs { Where = new DirOpArgs { Directory = [1], Name = [2] }, Type = type }.Write(writer);
        Assert.That(MkNodArgs.TryParse(writer.WrittenSpan, out var parsed));
        Assert.That(parsed.Type, Is.EqualTo(type));
    }

    [Test]
    public void A_write_whose_count_is_not_its_length_is_refused()
    {
        using var writer = new XdrWriter();
        new WriteArgs
        {
            Handle = [1],
            Offset = 0,
            Count = 3,
            Stability = Nfs3Stability.Unstable,
            Content = [1, 2],
        }.Write(writer);
        Assert.That(WriteArgs.TryParse(writer.WrittenSpan, out _), Is.False);
    }

    [Test]
    public void A_handle_of_more_than_64_bytes_is_refused()
    {
        using var writer = new XdrWriter();
        writer.WriteOpaque(new byte[65]);
        Assert.That(HandleArgs.TryParse(writer.WrittenSpan, out _), Is.False);
    }

    [Test]
    public void A_link_content_comes_back()
    {
        using var writer = new XdrWriter();
        new ReadLinkRes { Status = Nfs3Status.Ok, Attributes = SomeAttributes, Path = "../target"u8 }.Write(writer);
        Assert.That(ReadLinkRes.TryParse(writer.WrittenSpan, out var parsed));
        Assert.That(parsed.Path.ToArray(), Is.EqualTo("../target"u8.ToArray()));
    }

    [Test]
    public void A_directory_list_never_passes_the_size_the_client_set()
    {
        for (uint count = 0; count < 600; count++)
        {
            foreach (var plus in new[] { false, true })
            {
                using var writer = new XdrWriter();
                var list = DirectoryListWriter.Begin(writer, 1, Math.Max(count, DirectoryListWriter.EmptyBytes), count);
                var fits = true;
                while (fits)
                {
                    fits = plus
                        ? list.TryAdd(1, "abcde"u8, 9, SomeAttributes, new Nfs3Handle([1, 2, 3]))
                        : list.TryAdd(1, "abcde"u8, 9);
                }

                list.End(true, SomeAttributes);

                Assert.That(writer.Length - 4, Is.LessThanOrEqualTo(Math.Max(count, DirectoryListWriter.EmptyBytes)));
                Assert.That(DirectoryListRes.TryParse(writer.WrittenSpan, plus, out var parsed));
                var entries = 0;
                foreach (var _ in parsed) entries++;
                Assert.That(entries, Is.EqualTo(list.Count));
                Assert.That(parsed.Attributes, Is.EqualTo(SomeAttributes));
            }
        }
    }

    [Test]
    public void Dircount_bounds_the_names_but_lets_the_first_pass()
    {
        using var writer = new XdrWriter();
        var list = DirectoryListWriter.Begin(writer, 1, 1 << 20, 1);
        Assert.That(list.TryAdd(1, "a"u8, 3, SomeAttributes, null));
        Assert.That(list.TryAdd(2, "b"u8, 4, SomeAttributes, null), Is.False);
    }

    private static Nfs3Attributes SomeAttributes => new()
    {
        Type = Nfs3FileType.Regular,
        Mode = 0x1A4,
        LinkCount = 1,
        UserId = 1000,
        GroupId = 100,
        Size = 5,
        Used = 4096,
        FileSystemId = 77,
        FileId = 42,
        AccessTime = new Nfs3Time(1, 2),
        ModifyTime = new Nfs3Time(3, 4),
        ChangeTime = new Nfs3Time(5, 6),
    };

    private static Nfs3SetTime SetTime(byte how, uint seconds, uint nanoseconds) => (how % 3) switch
    {
        1 => new(Nfs3TimeHow.SetToServerTime, default),
        2 => new(Nfs3TimeHow.SetToClientTime, new Nfs3Time(seconds, nanoseconds)),
        _ => default,
    };
}
