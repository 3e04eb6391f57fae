using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>The control plane as the protocol needs it: one record, changed by compare-and-set only.</summary>
internal sealed class SimulatedControl(VolumeRecord record)
{
    public VolumeRecord Record { get; private set; } = record;

    /// <summary>Epoch, owner and the membership it gets, in one step.</summary>
    public VolumeRecord TakeEpoch(ulong ownerId)
    {
        Record = Record with { Epoch = Record.Epoch + 1, OwnerId = ownerId };
        return Record;
    }

    /// <summary>The new generation of the membership, or null when the epoch is another owner's.</summary>
    public ulong? TryReplace(ulong epoch, int member, ulong incarnation)
    {
        if (Record.Epoch != epoch) return null;

        if (Record.Members[member].Incarnation == incarnation) return Record.ConfigGeneration;

        var members = Record.Members.ToArray();
        members[member] = members[member] with { Incarnation = incarnation };
        Record = Record with { Members = members, ConfigGeneration = Record.ConfigGeneration + 1 };
        return Record.ConfigGeneration;
    }
}
