using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Store;

/// <summary>
/// One volume as the file system sees it: replicated ordered rows and immutable slices. Everything a caller
/// can observe through it is durable on a majority of the nodes.
/// </summary>
/// <remarks>
/// Threading: all members may be called from any thread. Mutations run one at a time on the volume's
/// sequencer. Two implementations: the replicated one, and an in-memory one for tests of the file system.
/// </remarks>
public interface IVolumeStore
{
    /// <summary>The epoch in which this process owns the volume.</summary>
    ulong Epoch { get; }

    /// <summary>Changes if and only if buffered writes may have been lost (RFC 1813 §3.3.7, writeverf3).</summary>
    ulong WriteVerifier { get; }

    /// <summary>Space on the nodes; what a majority can still take.</summary>
    StoreSpace Space { get; }

    /// <summary>
    /// Runs the mutation in the sequencer and completes when its effects are durable on a majority and visible
    /// to new snapshots. A mutation that changed nothing completes when everything it may have seen is durable.
    /// </summary>
    /// <remarks>
    /// Cancellation is honoured until the mutation starts. <see cref="StoreOutcome.Unavailable"/> after that point
    /// means the outcome is unknown: the caller must not answer as if it had failed.
    /// </remarks>
    ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation, CancellationToken cancellation = default);

    /// <summary>Opens a view of the committed rows.</summary>
    IRowSnapshot OpenSnapshot();

    /// <summary>
    /// Completes once this process is known to have been the owner at a moment after the call (lease checked
    /// against the clock, PROTOCOL §2.6, I11). Call it after reading and before answering; normally synchronous.
    /// </summary>
    ValueTask<StoreOutcome> ConfirmReadAsync(CancellationToken cancellation = default);

    /// <summary>
    /// Stores the bytes as a new slice; completes when durable on W nodes. At most <see
    /// cref="SliceLimits.BytesMax"/>.
    /// </summary>
    /// <remarks>
    /// The caller keeps <paramref name="data"/> unchanged until the task completes. With a <paramref name="source"/> they
    /// are borrowed from it instead of copied, and may stay so after the task has completed: until the slowest node has
    /// them, or is given up.
    /// </remarks>
    ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source = null, CancellationToken cancellation = default);

    /// <summary>Reads part of a slice from any replica with a good checksum; repairs bad ones on the way.</summary>
    ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation = default);
}

/// <summary>Outcome of a store operation.</summary>
public enum StoreOutcome
{
    /// <summary>Done, and durable on a majority.</summary>
    Ok,

    /// <summary>No majority answered within the bound, or ownership was lost. Trying again later may work.</summary>
    Unavailable,

    /// <summary>The nodes have no room beyond the reserve kept for deletes. Nothing was changed.</summary>
    NoSpace,

    /// <summary>No replica has an intact copy. Reads only.</summary>
    Damaged,
}

public readonly record struct SliceWriteResult(StoreOutcome Outcome, SliceRef Slice);

/// <summary>Bytes, per replica: what one copy of the data may use.</summary>
public readonly record struct StoreSpace(long TotalBytes, long FreeBytes, long AvailableBytes);

/// <summary>A change to the rows, run once by the volume's sequencer.</summary>
public abstract class Mutation
{
    /// <summary>
    /// True for a change that must go through when the nodes are full: removes, truncates, unlocks, and what looks at
    /// <see cref="MutationContext.IsFull"/> itself. Other mutations are refused with <see cref="StoreOutcome.NoSpace"/>
    /// once only the reserve is left.
    /// </summary>
    public virtual bool FreesSpace => false;

    /// <summary>
    /// Checks and then changes rows. Runs on the sequencer: it must not block, wait or keep the context. It checks
    /// everything first and changes rows only when it will succeed; results go into the mutation's own fields.
    /// An exception stops the volume.
    /// </summary>
    public abstract void Execute(MutationContext context);
}

/// <summary>The rows as of all mutations before this one, and the changes of this one.</summary>
public abstract class MutationContext : IRowReader
{
    /// <summary>The epoch whose owner runs the mutation.</summary>
    public abstract ulong Epoch { get; }

    /// <summary>Nanoseconds since 1970, never less than in an earlier mutation of the volume.</summary>
    public abstract long ClockNanoseconds { get; }

    /// <summary>The nodes have no room beyond the reserve that is kept for changes that free some.</summary>
    public abstract bool IsFull { get; }

    public abstract bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    public abstract IRowCursor OpenCursor();

    public abstract void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    public abstract void Delete(ReadOnlySpan<byte> key);

    /// <summary>
    /// The slice gained its first reference in this mutation. It must have been written before (PROTOCOL I7), and
    /// never be referenced again once it was discarded, not even in the same mutation.
    /// </summary>
    public abstract void Reference(SliceRef slice);

    /// <summary>The slice lost its last reference; the nodes free it once this mutation is durable.</summary>
    public abstract void Discard(SliceRef slice);
}
