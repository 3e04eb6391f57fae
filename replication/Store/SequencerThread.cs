using Gateway.Replication.Journal;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Store;

/// <summary>Runs a sequencer on a thread of its own, feeds it from the journal, and tells how it ended.</summary>
internal sealed class SequencerThread : IJournalListener, IAsyncDisposable
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(250);

    private readonly SequencerInbox _inbox;
    private readonly Sequencer _sequencer;
    private readonly long _replayBytesMax;
    private readonly ILogger _logger;
    private readonly ITimer _ticks;
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<JournalStop> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SequencerThread(
        SequencerInbox inbox, Sequencer sequencer, VolumeStoreOptions options, TimeProvider time, ILogger logger)
    {
        _inbox = inbox;
        _sequencer = sequencer;
        _replayBytesMax = options.ReplayBytesMax;
        _logger = logger;
        _ticks = time.CreateTimer(_ => _inbox.PostTick(), null, TickPeriod, TickPeriod);
        new Thread(Run) { IsBackground = true, Name = "sequencer" }.Start();
    }

    public Task<bool> Ready => _ready.Task;

    public Task<JournalStop> Stopped => _stopped.Task;

    void IJournalListener.Committed(JournalEntry entry) => _inbox.Post(entry);

    ValueTask IJournalListener.WaitForRoomAsync(CancellationToken cancellation) =>
        new(_inbox.WaitForRoomAsync(_replayBytesMax).WaitAsync(cancellation));

    void IJournalListener.Stopped(JournalStop reason) => _inbox.PostStop(reason);

    public async ValueTask DisposeAsync()
    {
        _inbox.PostStop(JournalStop.Closed);
        await _stopped.Task;
        await _ticks.DisposeAsync();
    }

    /// <summary>Whatever the sequencer throws means that we no longer know what is true: the volume stops.</summary>
    private void Run()
    {
        var reason = JournalStop.Broken;
        try
        {
            reason = _sequencer.Run(() => _ready.TrySetResult(true));
        }
#pragma warning disable CA1031 // A loop boundary that poisons.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            StoreLog.SequencerFailed(_logger, failure);
        }

        _sequencer.Abandon();
        _ready.TrySetResult(false);
        _stopped.TrySetResult(reason);
    }
}
