using System.Collections.Concurrent;

namespace Gateway.Replication.Store;

/// <summary>
/// Completes mutations on the thread pool, a group per work item: one work item per mutation would cost more than most
/// continuations, and completing on the sequencer would run them there.
/// </summary>
internal sealed class Completions(MutationIntake intake)
{
    /// <summary>
    /// How many continuations run one after another. Few, so that the last one does not wait for long.
    /// </summary>
    private const int GroupMax = 16;

    private readonly ConcurrentQueue<Group> _groups = new();
    private Group? _open;

    /// <summary>Sequencer only.</summary>
    public void Add(PendingMutation mutation, StoreOutcome outcome) => Add(mutation, outcome, cancelled: false);

    /// <summary>Sequencer only.</summary>
    public void AddCancelled(PendingMutation mutation) => Add(mutation, default, cancelled: true);

    /// <summary>Hands everything added so far to the thread pool.</summary>
    public void Dispatch()
    {
        if (_open is not { } group) return;
        _open = null;
        intake.Leave(group.Count);
        ThreadPool.UnsafeQueueUserWorkItem(group, preferLocal: false);
    }

    private void Add(PendingMutation mutation, StoreOutcome outcome, bool cancelled)
    {
        if (_open is null && !_groups.TryDequeue(out _open)) _open = new Group(_groups);
        _open.Add(mutation, outcome, cancelled);
        if (_open.Count == GroupMax) Dispatch();
    }

    private sealed class Group(ConcurrentQueue<Group> groups) : IThreadPoolWorkItem
    {
        private readonly (PendingMutation Mutation, StoreOutcome Outcome, bool Cancelled)[] _items =
            new (PendingMutation, StoreOutcome, bool)[GroupMax];

        public int Count { get; private set; }

        public void Add(PendingMutation mutation, StoreOutcome outcome, bool cancelled) =>
            _items[Count++] = (mutation, outcome, cancelled);

        public void Execute()
        {
            for (var i = 0; i < Count; i++)
            {
                var (mutation, outcome, cancelled) = _items[i];
                _items[i] = default;
                if (cancelled) mutation.Cancel();
                else mutation.Complete(outcome);
            }

            Count = 0;
            groups.Enqueue(this);
        }
    }
}
