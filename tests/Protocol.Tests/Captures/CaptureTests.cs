namespace Gateway.Protocol.Tests.Captures;

/// <summary>
/// Bytes of real clients and servers through every codec: exact both ways, and no damage to them does harm.
/// </summary>
[TestFixtureSource(typeof(Capture), nameof(Capture.All))]
internal sealed class CaptureTests(Capture capture)
{
    private readonly (Recoding.Recode Arguments, Recoding.Recode Result) _recode = Recoding.All[capture.Procedure];

    [Test]
    public void Arguments_come_back_as_they_were() =>
        Assert.That(_recode.Arguments(capture.Arguments), Is.EqualTo(capture.Arguments));

    [Test]
    public void The_result_comes_back_as_it_was() =>
        Assert.That(_recode.Result(capture.Result), Is.EqualTo(capture.Result));

    [Test]
    public void Every_truncation_is_refused()
    {
        RefusesTruncations(_recode.Arguments, capture.Arguments);
        RefusesTruncations(_recode.Result, capture.Result);
    }

    [Test]
    public void Bytes_left_over_are_refused()
    {
        Assert.That(_recode.Arguments([.. capture.Arguments, 0, 0, 0, 0]), Is.Null);
        Assert.That(_recode.Result([.. capture.Result, 0, 0, 0, 0]), Is.Null);
    }

    [Test]
    public void No_changed_byte_throws_or_is_understood_in_two_ways()
    {
        ToleratesChanges(_recode.Arguments, capture.Arguments);
        ToleratesChanges(_recode.Result, capture.Result);
    }

    private static void RefusesTruncations(Recoding.Recode recode, byte[] message)
    {
        for (var length = 0; length < message.Length; length++)
            Assert.That(recode(message.AsSpan(0, length)), Is.Null, $"accepted the first {length} bytes");
    }

    private static void ToleratesChanges(Recoding.Recode recode, byte[] message)
    {
        ReadOnlySpan<byte> changes = [0x01, 0x80, 0xFF];
        for (var at = 0; at < message.Length; at++)
        {
            foreach (var change in changes)
            {
                var changed = (byte[])message.Clone();
                changed[at] ^= change;
                if (recode(changed) is { } once) Assert.That(recode(once), Is.EqualTo(once), $"byte {at}");
            }
        }
    }
}
