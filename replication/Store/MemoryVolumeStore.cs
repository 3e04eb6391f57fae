using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Store;

/// <summary>
/// A volume in memory, for tests of what is built on <see cref="IVolumeStore"/>: the same order, visibility and rules
/// as the replicated one, and failures and delays on demand. Nothing survives the process.
/// </summary>
public sealed class MemoryVolumeStore : IVolumeStore
{
    private readonly MemorySequencer _sequencer;
    private readonly TimeProvider _time;

    public MemoryVolumeStore(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _sequencer = new MemorySequencer(Slices, _time);
    }

    public ulong Epoch => _sequencer.Epoch;

    public ulong WriteVerifier => RowHash.Of([], BitConverter.GetBytes(Epoch));

    public StoreSpace Space
    {
        get => Slices.Space;
        set => Slices.Space = value;
    }

    public MemorySlices Slices { get; } = new();

    /// <summary>Asked before every call; null lets it through. It may be called from any thread.</summary>
    public Func<StoreCall, StoreInterference?>? Interfere { get; set; }

    /// <summary>Snapshots that are open now; a test that ends with some has found a leak.</summary>
    public int OpenSnapshots => _sequencer.OpenSnapshots;

    /// <summary>Mutations that changed something.</summary>
    public long Committed => _sequencer.Committed;

    /// <summary>Slices that rows refer to.</summary>
    public IReadOnlyList<SliceRef> LiveSlices()
    {
        using var snapshot = OpenSnapshot();
        var slices = new List<SliceRef>();
        var group = new SliceRef[64];
        for (SliceId? after = null; SystemRows.ReadLiveSlices(snapshot, after, group) is var count and > 0;)
        {
            slices.AddRange(group.AsSpan(0, count));
            after = group[count - 1].Id;
        }

        return slices;
    }

    /// <summary>Becomes what a new owner finds: the same rows, a higher epoch, another write verifier.</summary>
    public void StartNextEpoch() => _sequencer.StartNextEpoch();

    public async ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mutation);
        var interference = await MeetAsync(StoreCall.Execute, cancellation);
        if (interference is { AfterEffect: false, Outcome: not StoreOutcome.Ok }) return interference.Outcome;
        cancellation.ThrowIfCancellationRequested();
        var outcome = _sequencer.Execute(mutation);
        return outcome == StoreOutcome.Ok && interference is not null ? interference.Outcome : outcome;
    }

    public IRowSnapshot OpenSnapshot() => _sequencer.OpenSnapshot();

    public async ValueTask<StoreOutcome> ConfirmReadAsync(CancellationToken cancellation = default)
    {
        var interference = await MeetAsync(StoreCall.ConfirmRead, cancellation);
        if (interference is not null) return interference.Outcome;
        return _sequencer.Stopped ? StoreOutcome.Unavailable : StoreOutcome.Ok;
    }

    public async ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source = null, CancellationToken cancellation = default)
    {
        var interference = await MeetAsync(StoreCall.WriteSlice, cancellation);
        if (interference is { Outcome: not StoreOutcome.Ok })
            return new SliceWriteResult(interference.Outcome, default);
        return await Slices.WriteSliceAsync(data, source, cancellation);
    }

    public async ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation = default)
    {
        var interference = await MeetAsync(StoreCall.ReadSlice, cancellation);
        if (interference is { Outcome: not StoreOutcome.Ok }) return interference.Outcome;
        return await Slices.ReadSliceAsync(slice, offset, destination, cancellation);
    }

    private async ValueTask<StoreInterference?> MeetAsync(StoreCall call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var interference = Interfere?.Invoke(call);
        if (interference is { Delay.Ticks: > 0 }) await Task.Delay(interference.Delay, _time, cancellation);
        return interference;
    }
}

/// <summary>Which member of the store is called.</summary>
public enum StoreCall
{
    Execute,
    ConfirmRead,
    WriteSlice,
    ReadSlice,
}

/// <summary>What a test does to one call.</summary>
/// <param name="Outcome">Answered instead of the truth, unless Ok.</param>
/// <param name="Delay">Waited before anything happens.</param>
/// <param name="AfterEffect">True: a mutation takes effect, and only then is the outcome answered (unknown to the
/// caller).</param>
public sealed record StoreInterference(
    StoreOutcome Outcome = StoreOutcome.Ok, TimeSpan Delay = default, bool AfterEffect = false);
