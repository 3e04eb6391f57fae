using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;

namespace Gateway.Tests.FileSystem.Tables;

[TestFixture]
internal sealed class LeaseRecordTests
{
    private static byte[] Written(LeaseRecord record)
    {
        var row = new byte[LeaseRecord.Bytes];
        record.Write(row);
        return row;
    }

    [Test]
    public void RoundTrips([Values(1, 2)] int version, [Values(0, 1, 3, 5, 7)] int state, [Values] bool hasParent)
    {
        var record = new LeaseRecord(
            (byte)version, (LeaseState)state, 0xFFFE, hasParent ? new Guid("00010203-0405-0607-0809-0a0b0c0d0e0f") : null);
        Assert.That(LeaseRecord.TryRead(Written(record), out var read));
        Assert.That(read, Is.EqualTo(record));
    }

    [Test]
    public void WhatIsCutOrOfAnotherVersionIsNoRecord()
    {
        var row = Written(new LeaseRecord(2, LeaseState.All, 1, null));
        for (var length = 0; length < row.Length; length++) Assert.That(LeaseRecord.TryRead(row.AsSpan(0, length), out _), Is.False);
        Assert.That(LeaseRecord.TryRead([.. row, 0], out _), Is.False);
        row[0]++;
        Assert.That(LeaseRecord.TryRead(row, out _), Is.False);
    }
}
