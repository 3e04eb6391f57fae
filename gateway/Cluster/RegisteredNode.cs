using Gateway.Replication.Links;
using Gateway.Replication.Wire;

namespace Gateway.Cluster;

/// <summary>
/// A node that is reached where it has last registered itself: whoever opens a link asks anew, so that links find a node that
/// has moved as soon as they are lost. That it is that node, and no other at its address, the handshake proves.
/// </summary>
/// <remarks>Any thread.</remarks>
/// <param name="node">Its name.</param>
/// <param name="first">How it is reached until something newer is heard.</param>
/// <param name="places">Where the nodes are.</param>
internal sealed class RegisteredNode(string node, INodeConnector first, NodePlaces places) : INodeConnector
{
    private volatile INodeConnector _last = first;

    public string Address => Current().Address;

    public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation) =>
        Current().ConnectAsync(link, cancellation);

    // Kept, as a record may be removed while the node goes on.
    private INodeConnector Current()
    {
        if (places.Find(node) is { } place) _last = new TcpNodeConnector(place.Host, place.Port);
        return _last;
    }
}
