using Gateway.FileSystem.Tables;

namespace Gateway.FileSystem.Data;

/// <summary>
/// What is written to one file and not yet durable, and for a while after: size and time linger, so that a reader
/// whose snapshot is from before the last attach still sees them.
/// </summary>
/// <remarks>All members are guarded by <see cref="Sync"/>, which is never held across a wait.</remarks>
internal sealed class DirtyFile(NodeId node)
{
    public Lock Sync { get; } = new();

    public NodeId Node => node;

    /// <summary>Oldest first; only the last one may be open.</summary>
    public List<WriteBuffer> Buffers { get; } = [];

    /// <summary>Memory held by the buffers.</summary>
    public long Bytes { get; set; }

    /// <summary>End of the written ranges.</summary>
    public long End { get; private set; }

    /// <summary>Time of the last write.</summary>
    public long Time { get; private set; }

    /// <summary>The epoch in which the writes were taken.</summary>
    public ulong Epoch { get; set; }

    /// <summary>Taken from the table; whoever still holds it looks again.</summary>
    public bool IsDead { get; set; }

    /// <summary>The file was removed: nothing of it needs to become durable.</summary>
    public bool IsGone { get; set; }

    public bool IsDraining { get; set; }

    /// <summary>
    /// Grows when a size or time was set: what a reader saw of the buffers before is not to be mixed with rows after.
    /// </summary>
    public int Resets { get; private set; }

    /// <summary>Not null while somebody works on the file alone.</summary>
    public TaskCompletionSource? Exclusive { get; set; }

    /// <summary>When the file was last used, by the monotonic clock.</summary>
    public long TouchedAt { get; set; }

    public int LastCapacity { get; set; }

    /// <summary>A client has set the write time, and has the file open still: writes do not move it.</summary>
    public bool KeepsWriteTime { get; set; }

    /// <summary>The last write left alone what clients are told as the change time.</summary>
    public bool KeepsDeclared { get; set; }

    public WriteBuffer? Open => Buffers.Count > 0 && !Buffers[^1].IsSealed ? Buffers[^1] : null;

    public void Overlay(ref Inode inode)
    {
        if (End > inode.Size) inode.Size = End;
        if (Time == 0) return;

        if (!KeepsWriteTime && (Buffers.Count > 0 || Time > inode.ModifyTime))
            inode.ModifyTime = Int128.Max(Time, inode.ModifyTime);
        if (Time > inode.ChangeTime) inode.StampChange(Time, KeepsDeclared);
        var waiting = 0L;
        foreach (var buffer in Buffers) waiting += buffer.Filled;
        inode.Used = Math.Max(inode.Used, Math.Min(inode.Size, inode.Used + waiting));
    }

    /// <summary>Takes note of a write: the time shown always grows.</summary>
    public void Note(long end, long now, long changeTime)
    {
        End = Math.Max(End, end);
        var least = Math.Max(Time, changeTime) + 1;
        Time = Math.Max(now, least);
    }

    public void Reset()
    {
        End = 0;
        Time = 0;
        Resets++;
    }
}
