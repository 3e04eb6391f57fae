using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// A simulated node's disk: what survives of log and superblock when the node ends, in whatever way.
/// </summary>
internal abstract class NodeStorage(ulong incarnation) : INodeStateStore, IDisposable
{
    public ulong Incarnation { get; private set; } = incarnation;

    /// <summary>The superblock is one durable cell: its two-copy layout has tests of its own.</summary>
    protected NodeState? Saved { get; private set; }

    /// <summary>Something at rest is damaged and the node may not know.</summary>
    public abstract bool HasRot { get; }

    public NodeState? Load() => Saved;

    public void Save(NodeState state)
    {
        Gateway.Replication.Invariant.Holds(
            Saved is null || state.PromisedEpoch >= Saved.PromisedEpoch && state.Nonce >= Saved.Nonce,
            "I1: a promise or a nonce decreased.");
        Saved = state;
    }

    /// <summary>Recovers the log, as a node does at its start.</summary>
    public abstract IJournalLog Open(bool suspect);

    /// <summary>The node ends: any part of what was not flushed survives.</summary>
    public abstract void Crash(Random random);

    /// <summary>The next flush fails, or never ends because the node does.</summary>
    public abstract void FailNextFlush(bool fail);

    /// <summary>Damages a durable entry while the node is down. False when there is none.</summary>
    public abstract bool Rot(Random random);

    /// <summary>
    /// Damages a durable entry under a running node, which finds out when it reads it. False when that is not
    /// possible.
    /// </summary>
    public virtual bool RotUnnoticed(Random random) => false;

    /// <summary>The deliberately wrong recovery: damage anywhere is taken for a torn end.</summary>
    public virtual void CutAtDamage()
    {
    }

    /// <summary>The directory is lost; a new one is another incarnation.</summary>
    public void Wipe(ulong incarnation)
    {
        Saved = null;
        Incarnation = incarnation;
        WipeLog();
    }

    /// <summary>The deliberately wrong way back: same identity, no promises, no doubts.</summary>
    public void WipeAndRejoin()
    {
        Saved = Saved! with { PromisedEpoch = 0, PromisedOwner = 0, Limbo = LimboReason.None, Base = default };
        WipeLog();
    }

    public abstract void Dispose();

    protected abstract void WipeLog();
}
