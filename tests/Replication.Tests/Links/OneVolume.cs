using Gateway.Replication.Links;

namespace Gateway.Replication.Tests.Links;

/// <summary>A node that answers for one copy, whichever volume is asked for.</summary>
internal sealed class OneVolume(INodeRequests requests) : INodeVolumes
{
    public string Node => requests.Identity.Node;

    public NodeEntry Enter(Guid volume) => new(requests, () => { }, CancellationToken.None);
}
