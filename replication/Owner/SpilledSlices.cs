using System.Threading.Channels;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Slices whose bytes ride in the journal, as rows, because fewer than W data nodes answered when they were written
/// (ADR 18). <see cref="SpillDrain"/> deletes the rows again.
/// </summary>
/// <remarks>
/// Any thread. Memory: the rows of a slice are copied once before they are in the journal's hands, so as many bytes as
/// slices that are not durable yet may have (<see cref="ReplicationOptions.SliceWriteBytesMax"/>).
/// </remarks>
internal sealed class SpilledSlices(IRowStore rows)
{
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private long _writtenBytes;
    private long _slices;
    private long _bytes;

    /// <summary>What rows are changed through; set before anything is written.</summary>
    public IVolumeStore? Store { get; set; }

    /// <summary>Slices spilled now, about: counted anew at each look of the drain.</summary>
    public long Slices => Interlocked.Read(ref _slices);

    /// <summary>Their bytes.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes put into the journal since the start, those of failed writes too.</summary>
    public long WrittenBytes => Interlocked.Read(ref _writtenBytes);

    /// <summary>Puts the bytes of a slice into rows; Ok when all of them are committed.</summary>
    /// <param name="slice">At least one data node has it.</param>
    /// <param name="bytes">Unchanged until the task has completed.</param>
    public async Task<StoreOutcome> SpillAsync(SliceRef slice, ReadOnlyMemory<byte> bytes)
    {
        var store = Store;
        Invariant.Holds(store is not null, "A slice is spilled by the owner of its volume.");
        Interlocked.Add(ref _writtenBytes, slice.Length);
        var parts = new Task<StoreOutcome>[SpilledRows.PartsOf(slice.Length)];
        for (var part = 0; part < parts.Length; part++) parts[part] = PutAsync(store, slice, bytes, part);
        var outcomes = await Task.WhenAll(parts);
        var failed = Array.Find(outcomes, outcome => outcome != StoreOutcome.Ok);
        if (failed == StoreOutcome.Ok)
        {
            Interlocked.Increment(ref _slices);
            Interlocked.Add(ref _bytes, slice.Length);
        }

        // Of a failed one some parts may be there, to be deleted.
        _changed.Writer.TryWrite(true);
        return failed;
    }

    /// <summary>Reads a range of a slice; null when its rows do not have it. The caller releases the run.</summary>
    public CachedRun? TryRead(SliceRef slice, int start, int length)
    {
        try
        {
            using var snapshot = rows.OpenSnapshot();
            var buffer = PayloadBuffers.Rent(length);
            var payload = new LentPayload(buffer.AsMemory(0, length), new RentedBuffer(buffer));
            if (SpilledRows.TryCopy(snapshot, slice, start, buffer.AsSpan(0, length)))
                return new CachedRun(slice.Id, start, payload);

            payload.Release();
            return null;
        }
        catch (ObjectDisposedException)
        {
            // The volume is no longer owned, and a reader that began before is still looking.
            return null;
        }
    }

    /// <summary>Deletes the rows of slices, all of a slice at once; false when it is not known to have happened.</summary>
    public async Task<bool> DeleteAsync(IReadOnlyList<SliceRef> slices, CancellationToken cancellation)
    {
        if (slices.Count == 0) return true;
        var mutation = new SystemRowChange();
        using (var snapshot = rows.OpenSnapshot())
        {
            foreach (var slice in slices)
            {
                foreach (var key in SpilledRows.KeysOf(snapshot, slice.Id)) mutation.Delete(key);
            }
        }

        var deleted = Store!.ExecuteAsync(mutation, cancellation).AsTask();
        return await deleted.WaitAsync(cancellation) == StoreOutcome.Ok;
    }

    /// <summary>What the drain has just counted.</summary>
    public void Counted(long slices, long bytes)
    {
        Interlocked.Exchange(ref _slices, slices);
        Interlocked.Exchange(ref _bytes, bytes);
    }

    /// <summary>Waits until something was spilled, or was to be.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _changed.Reader.ReadAsync(cancellation);

    private static async Task<StoreOutcome> PutAsync(
        IVolumeStore store, SliceRef slice, ReadOnlyMemory<byte> bytes, int part)
    {
        var buffer = PayloadBuffers.Rent(SpilledRows.ValueBytesMax);
        var length = SpilledRows.WriteValue(slice, bytes.Span, part, buffer);
        var outcome = await store.ExecuteAsync(new SpillPart(SpilledRows.Key(slice.Id, part), buffer.AsMemory(0, length)));
        PayloadBuffers.Return(buffer);
        return outcome;
    }

    private sealed class RentedBuffer(byte[] buffer) : IPayloadLender
    {
        public void PayloadReleased() => PayloadBuffers.Return(buffer);
    }
}
