using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Store;

/// <summary>
/// Slices on the nodes, as the store sees them. Two implementations: the nodes, and a dictionary for tests.
/// </summary>
/// <remarks>All members may be called from any thread.</remarks>
public interface ISliceStorage
{
    /// <summary>Cached; what a majority of nodes last reported. AvailableBytes leaves the reserve out.</summary>
    StoreSpace Space { get; }

    /// <summary>
    /// False when what is written now would ride in the journal, because too few nodes answer for it to be durable on W of them.
    /// </summary>
    bool HasEnoughNodes { get; }

    /// <summary>
    /// See <see cref="IVolumeStore.WriteSliceAsync"/>. Ids are dense within the epoch and never reused.
    /// </summary>
    ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source, CancellationToken cancellation);

    /// <summary>
    /// As <see cref="WriteSliceAsync"/>, and never by way of the journal: a checkpoint is what the journal is trimmed
    /// behind, and may not depend on it.
    /// </summary>
    ValueTask<SliceWriteResult> WriteCheckpointSliceAsync(ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>See <see cref="IVolumeStore.ReadSliceAsync"/>.</summary>
    ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation);

    /// <summary>
    /// Reads the slice back from the disks of its replicas: Ok when W of them hold it with the right checksum.
    /// </summary>
    ValueTask<StoreOutcome> VerifySliceAsync(SliceRef slice, CancellationToken cancellation);

    /// <summary>
    /// The slices lost their last reference and that is committed. Never blocks. A reader of an older snapshot may
    /// still ask for them: they are freed after a while, not at once. Losing the notice is harmless, the slices are
    /// then orphans, found when the nodes' inventories are compared with the live slices (<see cref="SystemRows"/>).
    /// </summary>
    void Discard(ReadOnlySpan<SliceId> slices);
}
