using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Standby;

/// <summary>The committed entries that a node has, for a standby: belongs to no epoch (PROTOCOL §2.2).</summary>
internal sealed class TailReading(VolumeRecord record, TimeProvider time) : IJournalReading
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task<JournalRun?> ReadAsync(NodePeer peer, ulong from, CancellationToken cancellation)
    {
        var request = new TailRequest
        {
            Header = HeaderFor(record, peer, time),
            FromIndex = from,
            BytesMax = TailRequest.BytesMaxLimit,
        };
        return await peer.AskWithinAsync(request, Timeout, time, cancellation) is TailReply reply
            ? new JournalRun(reply.Entries, reply.Next, reply.Base)
            : null;
    }

    /// <summary>The header of a question that belongs to no owner.</summary>
    public static RequestHeader HeaderFor(VolumeRecord record, NodePeer peer, TimeProvider time)
    {
        var member = record.AllMembers().FirstOrDefault(member => member.NodeId == peer.Node);
        return new RequestHeader(
            record.VolumeId, 0, 0, record.ConfigGeneration, member.Incarnation, time.GetTimestamp());
    }
}
