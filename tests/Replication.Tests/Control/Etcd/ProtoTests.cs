using Gateway.Replication.Control.Etcd;

namespace Gateway.Replication.Tests.Control.Etcd;

public sealed class ProtoTests
{
    private static readonly byte[] Message = new ProtoWriter()
        .Number(1, 150)
        .Text(2, "testing")
        .Number(3, -1)
        .Message(4, new ProtoWriter().Number(1, long.MaxValue))
        .Message(5, new ProtoWriter())
        .Number(6, 0)
        .Text(7, "")
        .Bytes(16, [0xff])
        .Written.ToArray();

    [Test]
    public void Fields_are_written_as_the_encoding_guide_shows() =>
        Assert.That(
            Convert.ToHexStringLower(Message),
            Is.EqualTo("089601" + "120774657374696e67" + "18ffffffffffffffffff01" + "220a08ffffffffffffffff7f" + "2a00" + "820101ff"));

    [Test]
    public void What_was_written_is_read()
    {
        var reader = new ProtoReader(Message);
        Assert.That(reader.MoveNext(), Is.True);
        Assert.That((reader.Field, reader.Number()), Is.EqualTo((1, 150L)));
        reader.MoveNext();
        Assert.That((reader.Field, reader.Text()), Is.EqualTo((2, "testing")));
        reader.MoveNext();
        Assert.That((reader.Field, reader.Number()), Is.EqualTo((3, -1L)));
        reader.MoveNext();
        var inner = new ProtoReader(reader.Bytes());
        inner.MoveNext();
        Assert.That((reader.Field, inner.Number()), Is.EqualTo((4, long.MaxValue)));
        reader.MoveNext();
        Assert.That((reader.Field, reader.Bytes().Length), Is.EqualTo((5, 0)));
        reader.MoveNext();
        Assert.That((reader.Field, reader.Bytes()[0]), Is.EqualTo((16, (byte)0xff)));
        Assert.That(reader.MoveNext(), Is.False);
    }

    [Test]
    public void Every_truncation_ends_between_two_fields_or_is_refused()
    {
        int[] ends = [0, 3, 12, 23, 35, 37, 41];
        for (var length = 0; length <= Message.Length; length++)
        {
            var cut = Message[..length];
            if (ends.Contains(length)) Assert.That(() => Count(cut), Is.EqualTo(Array.IndexOf(ends, length)));
            else Assert.That(() => Count(cut), Throws.TypeOf<InvalidDataException>(), $"{length} bytes");
        }
    }

    [TestCase("0d01020304" + "0801", TestName = "fixed 32 bits")]
    [TestCase("090102030405060708" + "0801", TestName = "fixed 64 bits")]
    public void Fields_of_other_types_are_passed_over(string hex) => Assert.That(Count(Convert.FromHexString(hex)), Is.EqualTo(2));

    [TestCase("00", TestName = "field 0")]
    [TestCase("0b", TestName = "a group")]
    [TestCase("08ffffffffffffffffffff01", TestName = "eleven bytes of a number")]
    [TestCase("0affffffffffffffffff01", TestName = "a length of 64 bits")]
    [TestCase("0a05", TestName = "a length beyond the message")]
    public void Malformed_messages_are_refused(string hex) =>
        Assert.That(() => Count(Convert.FromHexString(hex)), Throws.TypeOf<InvalidDataException>());

    [Test]
    public void A_number_is_no_text() =>
        Assert.That(
            () =>
            {
                var reader = new ProtoReader([0x08, 0x01]);
                reader.MoveNext();
                return reader.Text();
            },
            Throws.TypeOf<InvalidDataException>());

    private static int Count(byte[] message)
    {
        var count = 0;
        for (var reader = new ProtoReader(message); reader.MoveNext();) count++;
        return count;
    }
}
