namespace Gateway.Replication.Store;

/// <summary>Waits for a lease that is valid when it is looked at, within the bound (PROTOCOL §2.6, I11).</summary>
internal sealed class ReadConfirmation(
    IJournal journal, Task stopped, TimeSpan unavailableAfter, TimeProvider time)
{
    public ValueTask<StoreOutcome> ConfirmAsync(CancellationToken cancellation) =>
        !stopped.IsCompleted && journal.LeaseValid
            ? ValueTask.FromResult(StoreOutcome.Ok)
            : ConfirmLaterAsync(cancellation);

    private async ValueTask<StoreOutcome> ConfirmLaterAsync(CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(unavailableAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            // The lease may end again between its renewal and our look at the clock.
            while (!stopped.IsCompleted && await journal.WaitLeaseAsync(either.Token))
            {
                if (!stopped.IsCompleted && journal.LeaseValid) return StoreOutcome.Ok;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The bound, not the caller.
        }

        return StoreOutcome.Unavailable;
    }
}
