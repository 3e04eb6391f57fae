using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Store;

/// <summary>
/// The replicated volume: rows as a view of a quorum journal, changed by one sequencer thread. Readers only see what a
/// majority has made durable; what is not committed lives in an overlay that a lost ownership drops.
/// </summary>
/// <remarks>
/// Life: create it over rows that were applied up to some entry, give <see cref="Listener"/> to the journal, and let
/// the journal deliver the entries behind (recovered ones first, then this epoch's start). <see cref="Ready"/>
/// completes when mutations run. It ends with <see cref="Stopped"/>: by <see cref="DisposeAsync"/>, by the journal,
/// or by a broken rule; then everything that waits is answered Unavailable. It owns neither rows nor journal nor
/// slices.
/// </remarks>
public sealed class VolumeStore : IVolumeStore, IAsyncDisposable
{
    private readonly IRowStore _rows;
    private readonly ISliceStorage _slices;
    private readonly MutationIntake _intake;
    private readonly SequencerThread _sequencer;
    private readonly ReadConfirmation _reads;
    private readonly CheckpointSchedule _checkpoints;

    public VolumeStore(
        IRowStore rows,
        IJournal journal,
        ISliceStorage slices,
        VolumeStoreOptions options,
        TimeProvider time,
        ILogger<VolumeStore> logger)
    {
        _rows = rows;
        _slices = slices;
        Epoch = journal.Epoch;
        WriteVerifier = VerifierOf(Epoch);
        var inbox = new SequencerInbox();
        _intake = new MutationIntake(inbox, options, time);
        _checkpoints = new CheckpointSchedule(options, new CheckpointWriter(this, slices, journal), slices, logger);
        var sequencer = new Sequencer(inbox, new Completions(_intake), rows, journal, slices, options, time)
        {
            Advanced = journalBytes => _checkpoints.Advance(journalBytes, rows),
        };
        _sequencer = new SequencerThread(inbox, sequencer, options, time, logger);
        _reads = new ReadConfirmation(journal, Stopped, options.UnavailableAfter, time);
    }

    public ulong Epoch { get; }

    /// <summary>Where the journal delivers committed entries and its end.</summary>
    public IJournalListener Listener => _sequencer;

    /// <summary>
    /// A new owner has a new epoch, and only then can buffered writes have been lost; unless the one before it had flushed
    /// them all, gave up in good order, and left its own to the next (PROTOCOL §7.1).
    /// </summary>
    public ulong WriteVerifier { get; internal set; }

    /// <summary>The verifier of an epoch that inherits none.</summary>
    internal static ulong VerifierOf(ulong epoch) => RowHash.OfKey(BitConverter.GetBytes(epoch));

    public StoreSpace Space => _slices.Space;

    /// <summary>
    /// True when this epoch's start is applied and mutations run; false when the store stopped before.
    /// </summary>
    public Task<bool> Ready => _sequencer.Ready;

    /// <summary>
    /// Completes when the store has stopped. <see cref="JournalStop.Broken"/> means that a rule failed here; the owner
    /// then stops the journal and the process starts anew.
    /// </summary>
    public Task<JournalStop> Stopped => _sequencer.Stopped;

    public ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mutation);
        return _intake.ExecuteAsync(mutation, cancellation);
    }

    public IRowSnapshot OpenSnapshot() => _rows.OpenSnapshot();

    public ValueTask<StoreOutcome> ConfirmReadAsync(CancellationToken cancellation = default) =>
        _reads.ConfirmAsync(cancellation);

    public ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source = null, CancellationToken cancellation = default) =>
        _slices.WriteSliceAsync(data, source, cancellation);

    public ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation = default) =>
        _slices.ReadSliceAsync(slice, offset, destination, cancellation);

    /// <summary>Writes a checkpoint now; null when one is under way or the nodes do not take it.</summary>
    public Task<CheckpointManifest?> WriteCheckpointAsync() => _checkpoints.RunAsync();

    /// <inheritdoc cref="CheckpointSchedule.Retry"/>
    internal void RetryCheckpoint() => _checkpoints.Retry();

    public async ValueTask DisposeAsync()
    {
        _checkpoints.Stop();
        await _sequencer.DisposeAsync();
        await _checkpoints.DisposeAsync();
    }
}
