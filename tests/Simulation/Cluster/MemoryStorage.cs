using Gateway.Replication.Journal;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// Storage around a <see cref="MemoryJournalLog"/>: fast, with the crash semantics that the protocol relies on.
/// </summary>
internal sealed class MemoryStorage(ulong incarnation) : NodeStorage(incarnation)
{
    private MemoryJournalLog _log = new();

    public override bool HasRot => _log.HasRot;

    public override IJournalLog Open(bool suspect)
    {
        _log.Recover();
        return _log;
    }

    public override void Crash(Random random) => _log.Crash(random);

    public override void FailNextFlush(bool fail) => _log.FailNextFlush = fail;

    public override bool Rot(Random random) => _log.Rot(random, noticed: true);

    public override bool RotUnnoticed(Random random) => _log.Rot(random, noticed: false);

    public override void CutAtDamage() => _log.CutAtDamage();

    public override void Dispose() => _log.Dispose();

    protected override void WipeLog() => _log = new MemoryJournalLog();
}
