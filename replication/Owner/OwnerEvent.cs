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
    Adopt,
    AddLearner,
    RemoveLearner,
    Close,
}

/// <summary>Something that happened to an <see cref="OwnerHost"/>; which fields count depends on the kind.</summary>
internal readonly record struct OwnerEvent(OwnerEventKind Kind)
{
    public int Member { get; init; }

    public NodeReply? Reply { get; init; }

    public JournalEntryType EntryType { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    public ulong Index { get; init; }

    public VolumeRecord? Record { get; init; }

    public VolumeMember Learner { get; init; }

    /// <summary>Completed when the event has been carried out.</summary>
    public TaskCompletionSource? Done { get; init; }
}
