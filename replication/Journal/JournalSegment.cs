using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

/// <summary>One segment file of a log.</summary>
internal sealed class JournalSegment(ulong sequence, string name, IDiskFile file, long bytes) : IDisposable
{
    public ulong Sequence { get; } = sequence;

    public string Name { get; } = name;

    public IDiskFile File { get; } = file;

    public long Bytes { get; } = bytes;

    /// <summary>Highest index that was ever written here; the segment may go when that is trimmed.</summary>
    public ulong LastIndex { get; set; }

    public int DataOffset => JournalFormat.DataOffset(Bytes);

    public int Read(long offset, Span<byte> bytes, bool fromMedium) =>
        fromMedium ? File.ReadMedium(offset, bytes) : File.Read(offset, bytes);

    public void Dispose() => File.Dispose();
}
