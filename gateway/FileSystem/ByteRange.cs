namespace Gateway.FileSystem;

/// <summary>A range of a file's content.</summary>
public readonly record struct ByteRange(long Start, long Length)
{
    public long End => Start + Length;
}

/// <param name="Status">Ok, Stale, Unavailable, or InvalidArgument for what has no content.</param>
/// <param name="Ranges">In order, never touching each other.</param>
/// <param name="IsCut">There are more than were asked for.</param>
public readonly record struct AllocatedRangesResult(FileStatus Status, IReadOnlyList<ByteRange> Ranges, bool IsCut);
