using Gateway.Replication.Links;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Writes slices to all nodes at once and is done when W distinct ones have them durably. The others go on in the
/// background within a bound; what they miss is owed. Where a witness keeps the journal's majority while fewer than W
/// answer, slices of content are spilled.
/// </summary>
/// <remarks>
/// Any thread. Memory: <see cref="ReplicationOptions.SliceWriteBytesMax"/> of slices that are not durable yet, beyond
/// which writers wait, and <see cref="ReplicationOptions.StragglerBytesMax"/> for each node that is behind.
/// </remarks>
internal sealed class SliceWrites(
    VolumeIdentity volume,
    VolumePeers peers,
    OwedSlices owed,
    SliceDiscards discards,
    SpilledSlices spilled,
    ReplicationOptions options,
    TimeProvider time)
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly ByteBudget _undecided = new(options.SliceWriteBytesMax);
    private ulong _lastSequence;
    private long _writtenBytes;
    private long _writtenSlices;

    public long WrittenBytes => Interlocked.Read(ref _writtenBytes);

    /// <summary>Those to which nothing refers yet.</summary>
    public WrittenSlices Written { get; } = new();

    /// <summary>The last id that was given to a slice of this epoch.</summary>
    public SliceId LastId => new(volume.Epoch, Volatile.Read(ref _lastSequence));

    public long WrittenSlices => Interlocked.Read(ref _writtenSlices);

    /// <summary>See <see cref="IVolumeStore.WriteSliceAsync"/>.</summary>
    /// <param name="data">The slice.</param>
    /// <param name="source">Lends the bytes; null to copy them.</param>
    /// <param name="maySpill">By way of the journal if need be; see <see cref="ISliceStorage"/>.</param>
    /// <param name="cancellation">Of the call.</param>
    public async ValueTask<SliceWriteResult> WriteAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source, bool maySpill, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(data.Length, nameof(data));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(data.Length, SliceLimits.BytesMax, nameof(data));

        using var bound = new CancellationTokenSource(options.SliceWriteTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            await _undecided.TakeAsync(data.Length, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SliceWriteResult(StoreOutcome.Unavailable, default);
        }

        var buffer = source is null ? new SliceBuffer(data.Span) : new SliceBuffer(source.Lend(data));

        // The id first: what gets a later one than was seen at a change of the members is written under the new ones.
        var id = new SliceId(volume.Epoch, Interlocked.Increment(ref _lastSequence));
        var slice = new SliceRef(id, data.Length, buffer.Crc32C);
        Written.Begin(slice);
        var (nodes, placement) = peers.SliceNodes;
        var write = new ReplicaWrite(volume, slice, buffer, nodes, placement, owed);
        var outcome = await RunAsync(write, placement.HasWitness, either.Token);
        if (outcome is null)
        {
            outcome = maySpill ? await spilled.SpillAsync(slice, data) : StoreOutcome.Unavailable;
            if (outcome == StoreOutcome.Ok) write.Spilled();
        }

        write.Finish();
        _undecided.Give(data.Length);
        if (outcome != StoreOutcome.Ok)
        {
            // Some nodes may have it, and nothing will ever refer to it.
            Written.Forget(id);
            discards.Note([id]);
            cancellation.ThrowIfCancellationRequested();
            return new SliceWriteResult(outcome.Value, default);
        }

        Written.Durable(slice);
        Interlocked.Add(ref _writtenBytes, data.Length);
        Interlocked.Increment(ref _writtenSlices);
        return new SliceWriteResult(StoreOutcome.Ok, slice);
    }

    // Nodes that failed are tried again as long as the others are not enough: a majority may be back in a moment.
    // Null: it may be spilled, and is not durable otherwise.
    private async Task<StoreOutcome?> RunAsync(ReplicaWrite write, bool hasWitness, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var decided = write.SendAsync();
                if (hasWitness && !await IsInTimeAsync(decided, cancellation)) write.GiveUpWaiting();
                switch (await decided.WaitAsync(cancellation))
                {
                    case ReplicaWriteState.Durable:
                        return StoreOutcome.Ok;
                    case ReplicaWriteState.NoSpace:
                        return StoreOutcome.NoSpace;
                    case ReplicaWriteState.Fenced:
                        return StoreOutcome.Unavailable;
                    case ReplicaWriteState.Spillable:
                        return null;
                    default:
                        await Task.Delay(RetryPause, time, cancellation);
                        break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return StoreOutcome.Unavailable;
        }
    }

    private async Task<bool> IsInTimeAsync(Task decided, CancellationToken cancellation)
    {
        if (decided.IsCompleted) return true;
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var first = await Task.WhenAny(decided, Task.Delay(options.SpillAfter, time, waiting.Token));
        await waiting.CancelAsync();
        return first == decided;
    }
}

/// <summary>Which volume, in which epoch.</summary>
internal sealed record VolumeIdentity(Guid Volume, ulong Epoch);
