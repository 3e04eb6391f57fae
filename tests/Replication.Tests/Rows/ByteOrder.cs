namespace Gateway.Replication.Tests.Rows;

/// <summary>Keys as the stores order them: unsigned bytes, a prefix before what it begins.</summary>
internal sealed class ByteOrder : IComparer<byte[]>
{
    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
