using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Tests.Wire;

public sealed class XdrTests
{
    [FsCheck.NUnit.Property(QuietOnSuccess = true)]
    public bool Reads_back_what_was_written(uint number, long wide, bool flag, byte[] opaque)
    {
        using var writer = new XdrWriter(1);
        writer.WriteUInt32(number);
        writer.WriteInt64(wide);
        writer.WriteBoolean(flag);
        writer.WriteOpaque(opaque);

        var reader = new XdrReader(writer.WrittenSpan);
        return reader.ReadUInt32() == number && reader.ReadInt64() == wide && reader.ReadBoolean() == flag
            && reader.ReadOpaque(opaque.Length).SequenceEqual(opaque) && reader.IsComplete;
    }

    [Test]
    public void Pads_with_zeros_even_over_used_bytes()
    {
        using var writer = new XdrWriter();
        writer.GetSpan(16)[..16].Fill(0xFF);
        writer.WriteOpaque([1, 2, 3, 4, 5]);

        Assert.That(writer.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0 }));
    }

    [Test]
    public void Patches_a_count_behind_what_it_counts()
    {
        using var writer = new XdrWriter(4);
        var count = writer.ReserveUInt32();
        var start = writer.Length;
        writer.GetMemory(3).Span[..3].Fill(7);
        writer.Advance(3);
        writer.PatchUInt32(count, (uint)(writer.Length - start));
        writer.PadSince(start);

        Assert.That(writer.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 3, 7, 7, 7, 0 }));
    }

    [Test]
    public void Truncates_and_goes_on()
    {
        using var writer = new XdrWriter();
        writer.WriteUInt64(ulong.MaxValue);
        writer.Truncate(4);
        writer.WriteUInt32(1);

        Assert.That(writer.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 255, 255, 255, 255, 0, 0, 0, 1 }));
    }

    [Test]
    public void Refuses_to_grow_without_bound()
    {
        using var writer = new XdrWriter();
        Assert.That(() => writer.GetSpan(XdrWriter.LengthMax + 1), Throws.InvalidOperationException);
    }

    [Test]
    public void A_broken_reader_stays_broken_and_yields_nothing()
    {
        var reader = new XdrReader([0, 0, 0, 9, 1, 2, 3, 4]);
        Assert.That(reader.ReadOpaque(8).IsEmpty);
        Assert.That(reader.ReadUInt32(), Is.Zero);
        Assert.That(reader.Rest.IsEmpty);
        Assert.That(reader.Intact, Is.False);
    }

    [TestCase(2u)]
    [TestCase(uint.MaxValue)]
    public void A_boolean_is_zero_or_one(uint value)
    {
        using var writer = new XdrWriter();
        writer.WriteUInt32(value);
        var reader = new XdrReader(writer.WrittenSpan);
        reader.ReadBoolean();

        Assert.That(reader.Intact, Is.False);
    }

    [Test]
    public void Padding_must_be_there_but_may_hold_anything()
    {
        var dirty = new XdrReader([0, 0, 0, 1, 65, 9, 9, 9]);
        Assert.That(dirty.ReadOpaque(4).ToArray(), Is.EqualTo("A"u8.ToArray()));
        Assert.That(dirty.IsComplete);

        var missing = new XdrReader([0, 0, 0, 1, 65, 9, 9]);
        missing.ReadOpaque(4);
        Assert.That(missing.Intact, Is.False);
    }
}
