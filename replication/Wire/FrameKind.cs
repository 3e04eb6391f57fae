namespace Gateway.Replication.Wire;

/// <summary>
/// What a frame on a node link carries. A reply has its request's kind with <see cref="FrameKinds.Reply"/> set.
/// </summary>
public enum FrameKind : ushort
{
    None = 0,
    Hello = 1,
    Challenge = 2,
    Proof = 3,
    Welcome = 4,
    Refusal = 5,

    /// <summary>A message of the journal protocol, PROTOCOL §2.2.</summary>
    Journal = 16,

    WriteSlice = 32,
    ReadSlice = 33,
    DiscardSlices = 34,
    Inventory = 35,
    Scrub = 36,
    VerifySlices = 37,
    VerifyJournal = 38,
    Condition = 39,
}

public static class FrameKinds
{
    /// <summary>Set on the kind of a reply.</summary>
    public const ushort Reply = 0x8000;

    public static FrameKind ToReply(FrameKind kind) => (FrameKind)((ushort)kind | Reply);

    public static bool IsReply(FrameKind kind) => ((ushort)kind & Reply) != 0;

    public static FrameKind ToRequest(FrameKind kind) => (FrameKind)((ushort)kind & 0x7FFF);
}
