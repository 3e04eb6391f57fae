namespace Gateway.FileSystem;

/// <summary>
/// A named stream (MS-FSA 2.1.1.5): a node without a name in any directory, whose content is read and written like
/// that of any file.
/// </summary>
/// <param name="Status">Ok, NoEntry, Exists, Stale, NameTooLong, TooManyStreams, or BadType for what has none.</param>
/// <param name="Attributes">Size and space of the stream; times, owner and DOS attributes of its file.</param>
/// <param name="ActualName">As it is stored.</param>
public readonly record struct StreamResult(
    FileStatus Status, NodeAttributes Attributes, ReadOnlyMemory<byte> ActualName);

/// <summary>The named streams of a file, in the order of their folded names.</summary>
public readonly record struct StreamsResult(FileStatus Status, IReadOnlyList<StreamEntry> Streams);

public sealed record StreamEntry(ReadOnlyMemory<byte> Name, NodeAttributes Attributes)
{
    public NodeId Node => Attributes.Node;

    public long Size => Attributes.Size;
}
