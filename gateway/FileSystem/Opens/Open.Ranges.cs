namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    /// <summary>No lock of another open or protocol stands against reading the range.</summary>
    public bool MayRead(long offset, long length) => MayAccess(offset, length, writes: false);

    /// <summary>No lock stands against writing the range but an exclusive one of this open.</summary>
    public bool MayWrite(long offset, long length) => MayAccess(offset, length, writes: true);

    /// <summary>What there is of the range reads as zeros and takes no space; the size stays.</summary>
    public async ValueTask<FileStatus> ZeroRangeAsync(long start, long end, CancellationToken cancellation = default)
    {
        if (!MayWrite(start, end - start)) return FileStatus.LockConflict;

        _modified = true;
        await BreakReadersAsync();
        var status = await Tree.ZeroRangeAsync(Node, start, end, Caller, DataAccess.CheckedAtOpen, cancellation);
        await BreakReadersAsync();
        return status;
    }

    /// <summary>
    /// Sets the space of the content (MS-FSA 2.1.5.15.1): less than its size cuts it, more is shown while it is open. NoSpace
    /// when there is not as much; it is not kept free for the file. What others cached is broken in any case.
    /// </summary>
    public async ValueTask<FileStatus> AllocateAsync(long bytes, CancellationToken cancellation = default)
    {
        var described = await Tree.GetAttributesAsync(Node, cancellation);
        if (described.Status != FileStatus.Ok) return described.Status;
        if (bytes < described.Attributes.Size)
            return await SetAttributesAsync(new AttributeChanges { Size = bytes }, cancellation);

        await BreakReadersAsync();
        var status = await Tree.PreallocateAsync(Node, bytes, Caller, DataAccess.CheckedAtOpen, cancellation);
        if (status == FileStatus.Ok) Content.ReservedBytes = bytes;
        return status;
    }

    /// <summary>Where in the range there is data, and not a hole.</summary>
    public ValueTask<AllocatedRangesResult> AllocatedRangesAsync(
        long start, long end, int rangesMax, CancellationToken cancellation = default) =>
        Tree.AllocatedRangesAsync(Node, start, end, rangesMax, cancellation);

    /// <summary>
    /// Lets a range have the content of one of another file of the volume, by sharing what is stored. Locks do not matter.
    /// </summary>
    public async ValueTask<FileStatus> CloneRangeAsync(
        Open source, long sourceOffset, long offset, long length, CancellationToken cancellation = default)
    {
        _modified = true;
        await BreakReadersAsync();
        var status = await Tree.CloneRangeAsync(
            source.Node, sourceOffset, Node, offset, length, Caller, DataAccess.CheckedAtOpen, cancellation);
        await BreakReadersAsync();
        return status;
    }
}
