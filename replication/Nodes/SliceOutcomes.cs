using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>What the store did, in the words of the link.</summary>
internal static class SliceOutcomes
{
    public static NodeOutcome ToWire(SliceOutcome outcome) => outcome switch
    {
        SliceOutcome.Ok => NodeOutcome.Ok,
        SliceOutcome.NoSpace => NodeOutcome.NoSpace,
        SliceOutcome.Damaged => NodeOutcome.Damaged,
        SliceOutcome.Absent => NodeOutcome.Absent,
        _ => NodeOutcome.Failed,
    };
}
