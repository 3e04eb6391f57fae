using Gateway.FileSystem;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>Times that clients set and freeze (MS-FSCC 2.4.7), and the change time that grows nevertheless.</summary>
[TestFixture]
public sealed class ChangeTimeTests : OpenFixture
{
    private static readonly Timestamp Past = new(-63_158_400, 0);
    private static readonly Timestamp Far = new(15_032_385_535, 100);

    [Test]
    public async Task ADeclaredChangeTimeIsShownUntilTheNextChange()
    {
        var open = await OpenAsync(NewClient(), "f");
        var before = await AttributesAsync(open.File);
        Assert.That(before.DeclaredChangeTime, Is.Null);
        Assert.That(await open.SetAttributesAsync(new() { DeclaredChangeTime = Past }), Is.EqualTo(FileStatus.Ok));
        var declared = await AttributesAsync(open.File);
        Assert.That(declared.DeclaredChangeTime, Is.EqualTo(Past));
        Assert.That(declared.ChangeTime, Is.GreaterThan(before.ChangeTime), "NFS sees a change");

        await WriteAsync(open, "x");
        var after = await AttributesAsync(open.File);
        Assert.That(after.DeclaredChangeTime, Is.Null);
        Assert.That(after.ChangeTime, Is.GreaterThan(declared.ChangeTime));
    }

    [Test]
    public async Task AFrozenChangeTimeOutlivesWhatComesByTheOpen([Values] WriteStability stability)
    {
        var open = await OpenAsync(NewClient(), "f");
        await open.SetAttributesAsync(new() { DeclaredChangeTime = Far });
        open.KeepChangeTime(true);
        var before = (await AttributesAsync(open.File)).ChangeTime;
        await open.WriteAsync(0, new(Bytes("x")), stability);
        await open.SetAttributesAsync(new() { Dos = DosAttributes.Hidden });
        await open.SetAttributesAsync(new() { Size = 5 });
        await open.FlushAsync();
        var after = await AttributesAsync(open.File);
        Assert.That(after.DeclaredChangeTime, Is.EqualTo(Far));
        Assert.That(after.ChangeTime, Is.GreaterThan(before));

        open.KeepChangeTime(false);
        await open.SetAttributesAsync(new() { Dos = DosAttributes.None });
        Assert.That((await AttributesAsync(open.File)).DeclaredChangeTime, Is.Null);
    }

    [Test]
    public async Task OthersMoveAFrozenChangeTime()
    {
        var open = await OpenAsync(NewClient(), "f");
        var other = await OpenAsync(NewClient(), "f");
        open.KeepChangeTime(true);
        await WriteAsync(open, "x");
        Assert.That((await AttributesAsync(open.File)).DeclaredChangeTime, Is.Not.Null);
        await WriteAsync(other, "y");
        Assert.That((await AttributesAsync(open.File)).DeclaredChangeTime, Is.Null);
    }

    [Test]
    public async Task ReadsLeaveAFrozenAccessTimeAlone([Values] bool frozen)
    {
        var open = await OpenAsync(NewClient(), "f");
        await WriteAsync(open, "x");
        Advance(2 * 365 * 86_400);
        var before = (await AttributesAsync(open.File)).AccessTime;
        open.KeepAccessTime(frozen);
        await open.ReadAsync(0, new byte[1]);
        Advance(5);
        await Tree.RunBackgroundRoundAsync();
        Assert.That((await AttributesAsync(open.File)).AccessTime, frozen ? Is.EqualTo(before) : Is.GreaterThan(before));
    }

    [Test]
    public async Task TimesReachBeyond64BitsOfNanoseconds()
    {
        var open = await OpenAsync(NewClient(), "f");
        var all = new AttributeChanges
        {
            AccessTime = TimeChange.To(Far),
            ModifyTime = TimeChange.To(Far),
            BirthTime = TimeChange.To(Far),
            DeclaredChangeTime = Far,
        };
        Assert.That(await open.SetAttributesAsync(all), Is.EqualTo(FileStatus.Ok));
        await open.CloseAsync();
        await ReopenAsync();
        var shown = await AttributesAsync(await FindAsync(Tree.Root, "f"));
        Assert.That(shown.AccessTime, Is.EqualTo(Far));
        Assert.That(shown.ModifyTime, Is.EqualTo(Far));
        Assert.That(shown.BirthTime, Is.EqualTo(Far));
        Assert.That(shown.DeclaredChangeTime, Is.EqualTo(Far));
        Assert.That((Far.Seconds, Far.SubsecondNanoseconds), Is.EqualTo((15_032_385_535L, 100u)));
        Assert.That((new Timestamp(-1).Seconds, new Timestamp(-1).SubsecondNanoseconds), Is.EqualTo((-1L, 999_999_999u)));
    }
}
