using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>
/// The one thread that runs mutations, hands batches to the journal, and applies what is committed. It never waits
/// for the journal: while entries are under way the next batch gathers.
/// </summary>
internal sealed class Sequencer
{
    private readonly SequencerInbox _inbox;
    private readonly ISliceStorage _slices;
    private readonly TimeProvider _time;
    private readonly long _replayBytesMax;
    private readonly BatchFlow _flow;
    private readonly RowApplier _applier;
    private readonly SequencerContext _context;
    private readonly Answers _answers;

    private readonly SequencerTurn _turn = new();
    private readonly Queue<PendingMutation> _queue = new();
    private PendingMutation? _running;
    private Action? _started;

    public Sequencer(
        SequencerInbox inbox, Completions completions, IRowStore rows, IJournal journal, ISliceStorage slices,
        VolumeStoreOptions options, TimeProvider time)
    {
        _inbox = inbox;
        _slices = slices;
        _time = time;
        _replayBytesMax = options.ReplayBytesMax;
        _flow = new BatchFlow(journal, options.EntriesInFlightMax);
        _applier = new RowApplier(rows, _flow, journal.Epoch, slices, options.StateHashEvery);
        _context = new SequencerContext(rows, _flow.Overlay, journal.Epoch);
        _answers = new Answers(journal, inbox, completions, time, options.UnavailableAfter);
    }

    /// <summary>
    /// Called after each application of committed entries while serving, with the journal bytes so far.
    /// </summary>
    public required Action<long> Advanced { get; init; }

    private bool CanWork => _applier.Serving && _queue.Count > 0 && (!_flow.Open.IsFull || _flow.CanSeal);

    /// <summary>Runs until it is told to stop. Throws when the rows, the journal or a mutation broke a rule.</summary>
    public JournalStop Run(Action started)
    {
        _started = started;
        while (true)
        {
            _inbox.Take(wait: !CanWork, _turn);
            foreach (var pending in _turn.Mutations) _queue.Enqueue(pending);
            if (_turn.Committed.Count > 0) ApplyCommitted();
            if (_turn.Stop is { } reason) return reason;
            if (_turn.Lease) _answers.LeaseRenewed();
            if (_turn.Tick) Expire();
            if (_applier.Serving) Execute();
            _answers.Dispatch();
        }
    }

    /// <summary>Answers everything that waits: nobody knows its outcome any more.</summary>
    public void Abandon()
    {
        _context.End();
        _context.ReleaseCommitted();
        if (_running is { } running) _answers.Refuse(running, StoreOutcome.Unavailable);
        _inbox.Close(_turn);
        _flow.Abandon(_answers);
        while (_queue.TryDequeue(out var pending)) _answers.Refuse(pending, StoreOutcome.Unavailable);
        _answers.Fail(_turn.Mutations);
        _answers.Abandon();
    }

    private void ApplyCommitted()
    {
        _context.ReleaseCommitted();
        var bytes = _applier.Apply(_turn.Committed, _answers);
        _inbox.Applied(bytes, _replayBytesMax);
        if (!_applier.Serving) return;
        _started?.Invoke();
        _started = null;
        Advanced(_flow.JournalBytes);
    }

    private void Execute()
    {
        var full = _slices.Space.AvailableBytes <= 0;
        while (!_flow.Open.IsFull && _queue.TryDequeue(out var pending))
        {
            if (pending.Cancellation.IsCancellationRequested) _answers.Cancel(pending);
            else if (full && !pending.Mutation.FreesSpace) _answers.Refuse(pending, StoreOutcome.NoSpace);
            else Execute(pending, full);
        }

        // One batch per turn: then the inbox is looked at again.
        if (_flow.Open.Changes > 0 && _flow.CanSeal) _flow.Seal();
    }

    private void Execute(PendingMutation pending, bool full)
    {
        var open = _flow.Open;
        var (changes, length) = (open.Changes, open.Length);
        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _flow.ClockNanoseconds = Math.Max(_flow.ClockNanoseconds, now);
        _running = pending;
        _context.Begin(pending.Mutation, open, _flow.ClockNanoseconds, full);
        pending.Mutation.Execute(_context);
        _context.End();
        if (open.Length - length > StoreLimits.MutationBytesMax)
            throw new InvalidOperationException($"A mutation changes more than {StoreLimits.MutationBytesMax} bytes.");

        pending.ReadOnly = open.Changes == changes;
        if (pending.Mutation is EntryMutation entry) _flow.AppendBehind(entry).Waiting.Add(pending);
        else if (_flow.Newest is { } newest) newest.Waiting.Add(pending);
        else _answers.Committed(pending);
        _running = null;
    }

    private void Expire()
    {
        for (var left = _queue.Count; left > 0; left--)
        {
            var pending = _queue.Dequeue();
            if (pending.Cancellation.IsCancellationRequested) _answers.Cancel(pending);
            else if (_answers.IsExpired(pending)) _answers.Refuse(pending, StoreOutcome.Unavailable);
            else _queue.Enqueue(pending);
        }

        _flow.Expire(_answers);
        _answers.Expire();
    }
}
