using Gateway.FileSystem.Security;

namespace Gateway.FileSystem;

/// <summary>Receives the entries of a directory one by one.</summary>
/// <remarks>
/// Called from within a snapshot: encode at once and return; nothing of the entry may be kept. When the whole
/// call fails afterwards, what was encoded must be thrown away.
/// </remarks>
public abstract class DirectoryVisitor
{
    /// <summary>
    /// True when the visitor wants <see cref="DirectoryEntry.Attributes"/>, which cost a read per entry.
    /// </summary>
    public abstract bool WantsAttributes { get; }

    /// <summary>
    /// Who <see cref="DirectoryEntry.IsReadable"/> is asked for, which costs a read per entry, and another one where a
    /// descriptor is stored; null when nobody asks.
    /// </summary>
    public virtual SecurityToken? Reader => null;

    /// <summary>Takes an entry; false when it does not fit any more, it is then not counted as read.</summary>
    public abstract bool Visit(in DirectoryEntry entry);
}

/// <summary>One entry of a directory.</summary>
public readonly ref struct DirectoryEntry()
{
    public required ReadOnlySpan<byte> Name { get; init; }

    public required ulong Inode { get; init; }

    public required NodeType Type { get; init; }

    /// <summary>Position behind this entry: listing goes on from here, whatever others add and remove.</summary>
    public required ulong Cookie { get; init; }

    /// <summary>The visitor's <see cref="DirectoryVisitor.Reader"/>, if there is one, may read the node.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Null unless wanted.</summary>
    public NodeAttributes? Attributes { get; init; }
}
