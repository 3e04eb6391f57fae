namespace Gateway.Replication.Store;

/// <summary>
/// Decides what mutations are answered: Ok with their commit, or for those that changed nothing under the lease;
/// Unavailable after the bound. Sequencer only.
/// </summary>
internal sealed class Answers(
    IJournal journal, SequencerInbox inbox, Completions completions, TimeProvider time, TimeSpan unavailableAfter)
{
    private readonly List<PendingMutation> _unconfirmed = [];
    private bool _awaitsLease;

    /// <summary>The entry that the mutation waited for is committed and visible.</summary>
    public void Committed(PendingMutation pending)
    {
        if (pending.ReadOnly) _unconfirmed.Add(pending);
        else completions.Add(pending, StoreOutcome.Ok);
    }

    public void Refuse(PendingMutation pending, StoreOutcome outcome) => completions.Add(pending, outcome);

    public void Cancel(PendingMutation pending) => completions.AddCancelled(pending);

    public void LeaseRenewed() => _awaitsLease = false;

    /// <summary>
    /// Ends a turn: confirms mutations that changed nothing like reads, with the lease looked at now.
    /// </summary>
    public void Dispatch()
    {
        if (_unconfirmed.Count > 0) Confirm();
        completions.Dispatch();
    }

    public bool IsExpired(PendingMutation pending) => time.GetElapsedTime(pending.Since) > unavailableAfter;

    public void Expire() => Expire(_unconfirmed);

    public void Expire(List<PendingMutation> waiting)
    {
        var kept = 0;
        for (var i = 0; i < waiting.Count; i++)
        {
            var pending = waiting[i];
            if (IsExpired(pending)) completions.Add(pending, StoreOutcome.Unavailable);
            else waiting[kept++] = pending;
        }

        waiting.RemoveRange(kept, waiting.Count - kept);
    }

    public void Fail(List<PendingMutation> waiting)
    {
        foreach (var pending in waiting) completions.Add(pending, StoreOutcome.Unavailable);
        waiting.Clear();
    }

    public void Abandon()
    {
        Fail(_unconfirmed);
        completions.Dispatch();
    }

    private void Confirm()
    {
        if (journal.LeaseValid)
        {
            foreach (var pending in _unconfirmed) completions.Add(pending, StoreOutcome.Ok);
            _unconfirmed.Clear();
        }
        else if (!_awaitsLease)
        {
            _awaitsLease = true;
            _ = AwaitLeaseAsync();
        }
    }

    private async Task AwaitLeaseAsync()
    {
        // A journal that stopped says so itself.
        if (await journal.WaitLeaseAsync(CancellationToken.None)) inbox.PostLease();
    }
}
