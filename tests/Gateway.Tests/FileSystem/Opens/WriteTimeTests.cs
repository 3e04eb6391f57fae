using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.Tests.FileSystem.Opens;

/// <summary>Write times of files that are being written are shown late to clients with opens, and at once to others.</summary>
[TestFixture]
public sealed class WriteTimeTests : OpenFixture
{
    private static Timestamp? Held(NodeAttributes attributes) => attributes.HeldModifyTime;

    private async Task<(Open Open, Timestamp Made)> MadeAsync()
    {
        var open = await OpenAsync(NewClient(), "f");
        return (open, (await AttributesAsync(open.File)).ModifyTime);
    }

    [Test]
    public async Task TheTimeOfTheFirstWriteIsShownAfterTwoSeconds()
    {
        var (open, made) = await MadeAsync();
        await WriteAsync(open, "a");
        Advance(1);
        await WriteAsync(open, "b");
        var shown = await AttributesAsync(open.File);
        Assert.That(Held(shown), Is.EqualTo(made));
        Assert.That(shown.ModifyTime, Is.GreaterThan(made), "the truth");

        Advance(1);
        Assert.That(Held(await AttributesAsync(open.File)), Is.Null);
    }

    [Test]
    public async Task TimesOfLaterWritesAreShownWithinAMinute()
    {
        var (open, _) = await MadeAsync();
        await WriteAsync(open, "a");
        Advance(2);
        var first = (await AttributesAsync(open.File)).ModifyTime;
        await WriteAsync(open, "b");
        Advance(59);
        await WriteAsync(open, "c");
        Assert.That(Held(await AttributesAsync(open.File)), Is.EqualTo(first));
        Advance(1);
        Assert.That(Held(await AttributesAsync(open.File)), Is.Null);
    }

    [Test]
    public async Task TheFirstWriteOfAnotherOpenIsShownAsSoon()
    {
        var (open, _) = await MadeAsync();
        await WriteAsync(open, "a");
        Advance(2);
        await WriteAsync(open, "b");
        var other = await OpenAsync(NewClient(), "f");
        await WriteAsync(other, "c");
        Assert.That(Held(await AttributesAsync(open.File)), Is.Not.Null);
        Advance(2);
        Assert.That(Held(await AttributesAsync(open.File)), Is.Null);
    }

    [TestCase("flush")]
    [TestCase("size")]
    [TestCase("attributes")]
    [TestCase("nothing")]
    [TestCase("time")]
    [TestCase("overwrite")]
    [TestCase("nfs write")]
    [TestCase("nfs touch")]
    [TestCase("close")]
    public async Task WhatEndsTheDelay(string what)
    {
        var (open, made) = await MadeAsync();
        var other = await OpenAsync(NewClient(), "f", access: AccessMask.ReadAttributes);
        await WriteAsync(open, "a");
        Assert.That(Held(await AttributesAsync(open.File)), Is.EqualTo(made));
        await (what switch
        {
            "flush" => open.FlushAsync().AsTask(),
            "size" => open.SetAttributesAsync(new() { Size = 1 }).AsTask(),
            "attributes" => open.SetAttributesAsync(new() { Dos = DosAttributes.Hidden }).AsTask(),
            "time" => open.SetAttributesAsync(new() { ModifyTime = TimeChange.To(new Timestamp(5)) }).AsTask(),
            "overwrite" => OpenAsync(NewClient(), "f", disposition: OpenDisposition.Overwrite),
            "nfs write" => WriteAsync(open.File, 0, [1]),
            "nfs touch" => Tree.SetAttributesAsync(open.File, new() { ModifyTime = TimeChange.ToServerTime }, null, Root).AsTask(),
            "close" => open.CloseAsync().AsTask(),
            _ => Task.Run(open.ShowWriteTime),
        });
        var shown = await AttributesAsync(open.File);
        Assert.That(Held(shown), Is.Null);
        Assert.That(shown.ModifyTime, what == "time" ? Is.EqualTo(new Timestamp(5)) : Is.GreaterThan(made));
        await other.CloseAsync();
    }

    [Test]
    public async Task AnOpenThatEndsLongAfterAHiddenWriteWroteAtItsEnd([Values] bool isLong)
    {
        var (open, _) = await MadeAsync();
        await WriteAsync(open, "a");
        Advance(2);
        await WriteAsync(open, "b");
        var written = (await AttributesAsync(open.File)).ModifyTime;
        Advance(isLong ? 5 : 1);
        await open.SettleWriteTimeAsync();
        var settled = await AttributesAsync(open.File);
        Assert.That(Held(settled), Is.Null);
        Assert.That(settled.ModifyTime, isLong ? Is.GreaterThan(written) : Is.EqualTo(written));
        await open.CloseAsync();
        Assert.That((await AttributesAsync(open.File)).ModifyTime, Is.EqualTo(settled.ModifyTime));
    }

    [Test]
    public async Task ATimeThatWasSetStaysWhateverIsHidden()
    {
        var (open, _) = await MadeAsync();
        await WriteAsync(open, "a");
        await open.SetAttributesAsync(new() { ModifyTime = TimeChange.To(new Timestamp(5)) });
        await WriteAsync(open, "b");
        Advance(5);
        await open.CloseAsync();
        var shown = await AttributesAsync(open.File);
        Assert.That(Held(shown), Is.Null);
        Assert.That(shown.ModifyTime, Is.EqualTo(new Timestamp(5)));
    }

    [Test]
    public async Task ListingsShowWhatOpensDo()
    {
        var (open, made) = await MadeAsync();
        await WriteAsync(open, "a");
        var listed = (await Tree.LookupAsync(Tree.Root, Bytes("f"), Root)).Attributes;
        Assert.That(Held(listed), Is.EqualTo(made));
        Assert.That(Held((await open.GetAttributesAsync()).Attributes), Is.EqualTo(made));
    }
}
