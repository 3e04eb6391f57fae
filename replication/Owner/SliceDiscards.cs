using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Tells the nodes which slices are free, a while after the last reference went, because a reader of an older
/// snapshot may still ask for them. A node that is not reached keeps them until its inventory is compared.
/// </summary>
/// <remarks>Any thread notes; one loop calls <see cref="SendDueAsync"/>. Beyond the bound notices are
/// dropped.</remarks>
internal sealed class SliceDiscards(
    VolumeIdentity volume, VolumePeers peers, ReplicationOptions options, TimeProvider time)
{
    private const int WaitingMax = 1 << 20;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, SliceId Slice)> _waiting = new();

    public void Note(ReadOnlySpan<SliceId> slices)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            foreach (var slice in slices)
            {
                if (_waiting.Count < WaitingMax) _waiting.Enqueue((now, slice));
            }
        }
    }

    public async Task SendDueAsync(CancellationToken cancellation)
    {
        while (TakeDue() is { Length: > 0 } due)
        {
            // A node that hangs must not hold up the others; it will be compared when it comes back.
            using var timeout = new CancellationTokenSource(Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
            await Task.WhenAll(peers.Data.Select(peer => peer.DiscardAsync(volume, due, either.Token)));
        }
    }

    private SliceId[] TakeDue()
    {
        var due = new List<SliceId>();
        lock (_gate)
        {
            while (due.Count < FrameLimits.SliceIdsMax && _waiting.TryPeek(out var next)
                && time.GetElapsedTime(next.At) >= options.DiscardDelay)
            {
                due.Add(_waiting.Dequeue().Slice);
            }
        }

        return [.. due];
    }
}
