using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A backend node as its links find it: each link is for one volume, whose copy has journal and slices of its own.</summary>
/// <remarks>Any thread.</remarks>
public interface INodeVolumes
{
    /// <summary>The node's name, told in every handshake.</summary>
    string Node { get; }

    /// <summary>
    /// Lets a link, whose peer has proved that it belongs to the cluster, to the copy of a volume; makes an empty one when
    /// there is none. May take as long as making files does.
    /// </summary>
    /// <exception cref="LinkRefusedException">
    /// <see cref="LinkRefusal.Unavailable"/>: the copy is closing or being opened again, or there are too many volumes.
    /// </exception>
    NodeEntry Enter(Guid volume);
}

/// <summary>A link's use of one copy: the copy closes only after all of them were disposed.</summary>
/// <param name="requests">What may be asked of the copy.</param>
/// <param name="left">Called once, at disposal.</param>
/// <param name="closing">The copy wants to close: the link must end.</param>
public sealed class NodeEntry(INodeRequests requests, Action left, CancellationToken closing) : IDisposable
{
    private Action? _left = left;

    public INodeRequests Requests { get; } = requests;

    public CancellationToken Closing { get; } = closing;

    public void Dispose() => Interlocked.Exchange(ref _left, null)?.Invoke();
}
