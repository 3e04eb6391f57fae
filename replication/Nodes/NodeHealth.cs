using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>The node's account of itself. Reads what other threads publish; never waits.</summary>
internal sealed class NodeHealth(SliceStore slices, JournalThread journal, Func<bool> hasFailed)
{
    public NodeCondition Read(Guid volume)
    {
        var snapshot = journal.Snapshot;
        var stored = slices.Status;
        var state = snapshot.State;
        return new NodeCondition
        {
            Outcome = hasFailed() ? NodeOutcome.Failed : journal.Snapshot.Refusal(volume) ?? NodeOutcome.Ok,
            Limbo = state is not null && state.Limbo != LimboReason.None,
            Stalled = journal.IsStalled,
            Full = stored.AvailableBytes == 0,
            Nonce = state?.Nonce ?? 0,
            PromisedEpoch = state?.PromisedEpoch ?? 0,
            BaseIndex = snapshot.BaseIndex,
            LastIndex = snapshot.LastIndex,
            CommitHint = snapshot.CommitHint,
            DamagedEntries = snapshot.DamagedEntries,
            EntryDamageFound = snapshot.DamageFound,
            EntryDamageRepaired = snapshot.DamageRepaired,
            SliceCount = stored.Slices,
            SliceBytes = stored.SliceBytes,
            DamagedSlices = stored.Damaged,
            TotalBytes = slices.DiskSpace.TotalBytes,
            AvailableBytes = stored.AvailableBytes,
            FlushMicroseconds = snapshot.FlushMicroseconds,
        };
    }
}
