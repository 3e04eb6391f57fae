namespace Gateway.Replication.Owner;

/// <summary>
/// Once a second: asks the nodes how they are, updates the space, and sends the discards that are due.
/// </summary>
internal sealed class Housekeeping(
    VolumeIdentity volume, VolumePeers peers, SliceClient slices, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(2);

    public async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await AskAllAsync(cancellation);
            await slices.SendDiscardsAsync(cancellation);
            await Task.Delay(Period, time, cancellation);
        }
    }

    public async Task AskAllAsync(CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(AskTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        await slices.KnownSpace.UpdateAsync(() => Task.WhenAll(peers.Select(peer => AskAsync(peer, either.Token))));
    }

    private async Task AskAsync(NodePeer peer, CancellationToken cancellation)
    {
        if (await peer.ConditionAsync(volume.Volume, cancellation) is { } condition) peer.Condition = condition;
    }
}
