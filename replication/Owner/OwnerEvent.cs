using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Owner;

internal enum OwnerEventKind : byte
{
    Start,
    Wake,
    Reply,
    Link,
    Begin,
    Append,
    Trim,
    HandOver,
    Replaced,
    Close,
}

/// <summary>Something that happened to an <see cref="OwnerHost"/>; which fields count depends on the kind.</summary>
internal readonly record struct OwnerEvent(OwnerEventKind Kind)
{
    public int Member { get; init; }

    public NodeReply? Reply { get; init; }

    public JournalEntryType EntryType { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Journal index, or the incarnation of a member.</summary>
    public ulong Index { get; init; }

    public ulong ConfigGeneration { get; init; }
}
