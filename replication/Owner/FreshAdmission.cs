using Gateway.Replication.Quorum;

namespace Gateway.Replication.Owner;

/// <summary>Makes the empty copies of a new volume its first members.</summary>
internal sealed class FreshAdmission(TimeProvider time)
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Which copy the node has; waits until the node answers.</summary>
    public async Task<ulong> FindIncarnationAsync(
        VolumeRecord record, NodePeer peer, CancellationToken cancellation)
    {
        while (true)
        {
            // Nobody has the incarnation 0: the refusal names the true one.
            if (await AskAsync(record, peer, 0, cancellation) is { } reply && reply.Header.Incarnation != 0)
                return reply.Header.Incarnation;

            await Task.Delay(RetryPause, time, cancellation);
        }
    }

    public async Task AdmitAsync(VolumeRecord record, NodePeer peer, CancellationToken cancellation)
    {
        var incarnation = record.Members.First(member => member.NodeId == peer.Node).Incarnation;
        while (true)
        {
            var reply = await AskAsync(record, peer, incarnation, cancellation);
            if (reply?.Header.Status == NodeStatus.Ok) return;
            if (reply is not null)
                throw new VolumeLostException($"Node {peer.Node} cannot be admitted: {reply.Header.Status}.");

            await Task.Delay(RetryPause, time, cancellation);
        }
    }

    private async Task<NodeReply?> AskAsync(
        VolumeRecord record, NodePeer peer, ulong incarnation, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(AskTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var header = new RequestHeader(
            record.VolumeId, 0, 0, record.ConfigGeneration, incarnation, time.GetTimestamp());
        return await peer.AskAsync(new AdmitRequest { Header = header }, either.Token);
    }
}
