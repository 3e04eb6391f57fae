using Gateway.Replication.Journal;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>Bounds of a node link. A frame beyond them is a violation and closes the link.</summary>
public static class FrameLimits
{
    /// <summary>Before the peer has proved itself it gets room for names and nonces and no more.</summary>
    public const int HandshakeHeadBytesMax = 1024;

    /// <summary>One append: an entry of the largest size, or several smaller ones, and their heads.</summary>
    public const int HeadBytesMax = 2 * JournalLimits.PayloadBytesMax + (1 << 20);

    public const int PayloadBytesMax = SliceLimits.BytesMax;

    /// <summary>Slice ids in one discard or verify.</summary>
    public const int SliceIdsMax = 4096;

    /// <summary>Runs of slice numbers in one inventory reply.</summary>
    public const int InventoryRunsMax = 16384;

    /// <summary>Journal entries in one verify.</summary>
    public const int VerifyEntriesMax = 16384;

    public const int NameBytesMax = 64;

    public const int ReasonBytesMax = 512;
}
