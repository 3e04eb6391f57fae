using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Owner;

/// <summary>Reads runs of entries from the journal of one node.</summary>
internal interface IJournalReading
{
    /// <summary>The entries from an index on; null when the node does not answer so.</summary>
    Task<JournalRun?> ReadAsync(NodePeer peer, ulong from, CancellationToken cancellation);
}

/// <summary>Neighbouring entries, what stands behind them, and where the node's journal begins.</summary>
internal readonly record struct JournalRun(ReadOnlyMemory<JournalEntry> Entries, EntryPresence Next, LogBase Base);

/// <summary>All entries that a node has, for the owner of the promised epoch.</summary>
internal sealed class FetchReading(VolumeRecord record, TimeProvider time) : IJournalReading
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public async Task<JournalRun?> ReadAsync(NodePeer peer, ulong from, CancellationToken cancellation)
    {
        var header = new RequestHeader(
            record.VolumeId, record.Epoch, record.OwnerId, record.ConfigGeneration,
            record.AllMembers().First(member => member.NodeId == peer.Node).Incarnation, time.GetTimestamp());
        var request = new FetchRequest
        {
            Header = header,
            FromIndex = from,
            ToIndex = ulong.MaxValue,
            BytesMax = FetchRequest.DefaultBytesMax,
        };
        return await peer.AskWithinAsync(request, Timeout, time, cancellation) is FetchReply reply
            ? new JournalRun(reply.Entries, reply.Next, reply.Base)
            : null;
    }
}
