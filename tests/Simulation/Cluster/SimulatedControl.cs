using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// The control plane as the protocol needs it: one record, changed by compare-and-set only. Slow, at times away, loses
/// answers, and is restored from backups.
/// </summary>
internal sealed class SimulatedControl(SimulatedCluster cluster, VolumeRecord record)
{
    private const int LostOneIn = 12;

    private readonly List<VolumeRecord> _backups = [record];
    private long _downUntil;
    private ulong _highestGeneration = record.ConfigGeneration;

    public VolumeRecord Record { get; private set; } = record;

    /// <summary>The membership under which entries were last committed.</summary>
    public VolumeRecord Established { get; private set; } = record;

    public bool IsDown => cluster.Now < _downUntil;

    /// <summary>Epoch, owner and the membership it gets, in one step; null while there is no answer.</summary>
    /// <param name="above">An epoch that some node was found to have promised.</param>
    public VolumeRecord? TakeEpoch(ulong ownerId, ulong above)
    {
        if (IsDown) return null;

        var before = _backups[Math.Max(0, _backups.Count - 1 - cluster.Random.Next(4))];
        Set(Record with { Epoch = Math.Max(Record.Epoch, above) + 1, OwnerId = ownerId });
        if (!cluster.Quiet && cluster.Owners > 0 && cluster.Random.Next(LostOneIn) == 0) return null;

        return cluster.Has(Mutations.ConfigReadBeforeCas)
            ? before with { Epoch = Record.Epoch, OwnerId = ownerId }
            : Record;
    }

    /// <summary>
    /// Changes the record, unless <paramref name="change"/> says null to what it finds, and answers with what is there
    /// then. Request or answer may be lost: who hears nothing reads again.
    /// </summary>
    public void Ask(Func<VolumeRecord, VolumeRecord?> change, Action<VolumeRecord> answer)
    {
        if (IsLost()) return;

        cluster.After(cluster.NetworkDelay(), () =>
        {
            if (IsDown) return;
            if (change(Record) is { } next && cluster.IsWithinDamage(next)) Set(next);

            var found = Record;
            if (!IsLost()) cluster.After(cluster.NetworkDelay(), () => answer(found));
        });
    }

    public void GoDown(long nanoseconds) => _downUntil = cluster.Now + nanoseconds;

    public void ComeBack() => _downUntil = 0;

    /// <summary>Puts back one of the latest memberships, as an operator with a backup does.</summary>
    public void Restore()
    {
        var backup = _backups[Math.Max(0, _backups.Count - 1 - cluster.Random.Next(5))];
        if (!cluster.IsWithinDamage(backup)) return;

        Record = backup;
        cluster.Restores++;
        cluster.Trace.Note("restore", Record.Epoch, Record.ConfigGeneration);
    }

    /// <summary>
    /// Nodes know of a newer membership than the record: a person puts the one back that the nodes work with.
    /// </summary>
    public void Repair()
    {
        Set(Established with
        {
            Epoch = Math.Max(Record.Epoch, Established.Epoch) + 1,
            OwnerId = 0,
            ConfigGeneration = _highestGeneration + 1,
        });
        cluster.Trace.Note("repair", Record.Epoch, Record.ConfigGeneration);
    }

    /// <summary>An entry was committed under a membership, or a change to it has ended.</summary>
    public void Committed(VolumeRecord by) => Established = by;

    private bool IsLost() => IsDown || !cluster.Quiet && cluster.Random.Next(LostOneIn) == 0;

    private void Set(VolumeRecord next)
    {
        if (next.ConfigGeneration != Record.ConfigGeneration)
        {
            _backups.Add(next);
            cluster.Trace.Note("record", next.ConfigGeneration, (ulong)next.Members.Count, next.IsJoint ? 1UL : 0);
        }

        if (Record.IsJoint && !next.IsJoint)
        {
            cluster.Changes++;
            cluster.CheckSlices(next);
        }

        _highestGeneration = Math.Max(_highestGeneration, next.ConfigGeneration);
        Record = next;
    }
}
