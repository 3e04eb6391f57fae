using Gateway.Replication.Journal;
using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Cluster;

/// <summary>The daemon's own log over a simulated disk, in segments so small that runs roll and trim them.</summary>
internal sealed class DiskStorage(ulong incarnation, int seed) : NodeStorage(incarnation)
{
    private const int SegmentBytes = 32 << 10;

    private readonly SimulatedDisk _disk = new(seed);
    private JournalLog? _log;

    // Recovery reads everything: what is damaged and not listed is no part of the log.
    public override bool HasRot => _log is { Damaged.Count: > 0 };

    public override IJournalLog Open(bool suspect)
    {
        _log = JournalLog.Open(_disk, new JournalLogOptions
        {
            SegmentBytes = SegmentBytes,
            Suspect = suspect,
            MustExist = Saved is not null,
        });
        return _log;
    }

    public override void Crash(Random random)
    {
        _disk.FailSync(-1);
        if (random.Next(3) == 0) _disk.RestartProcess();
        else _disk.Crash();
    }

    public override void FailNextFlush(bool fail) => _disk.FailSync(fail ? 0 : -1);

    public override bool Rot(Random random) =>
        _disk.RotAnywhere(name => name.EndsWith(".segment", StringComparison.Ordinal));

    public override void Dispose() => _log?.Dispose();

    protected override void WipeLog() => _disk.Wipe();
}
