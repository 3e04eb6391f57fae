using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Tells a node that its copy is no member any more, so that it deletes it. One that hears nothing keeps a directory that
/// nobody uses, and may come back with it.
/// </summary>
internal sealed class Retirement(TimeProvider time, ILogger logger)
{
    private const int AttemptsMax = 3;
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(300);

    /// <param name="record">Of the membership without it.</param>
    /// <param name="left">The copy.</param>
    /// <param name="peer">Its node.</param>
    /// <param name="cancellation">The volume stops.</param>
    public async Task TellAsync(
        VolumeRecord record, VolumeMember left, NodePeer peer, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < AttemptsMax && peer.JournalUp; attempt++)
        {
            var request = new RetireRequest
            {
                Header = new RequestHeader(
                    record.VolumeId, record.Epoch, record.OwnerId, record.ConfigGeneration, left.Incarnation,
                    time.GetTimestamp()),
            };
            if (await AskAsync(peer, request, cancellation) is { Header.Status: NodeStatus.Ok or NodeStatus.OtherIncarnation })
            {
                Log.MemberRetired(logger, left.NodeId);
                return;
            }

            await Task.Delay(RetryPause, time, cancellation);
        }

        Log.MemberNotTold(logger, left.NodeId);
    }

    private async Task<NodeReply?> AskAsync(NodePeer peer, RetireRequest request, CancellationToken cancellation)
    {
        try
        {
            return await peer.AskWithinAsync(request, AskTimeout, time, cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
