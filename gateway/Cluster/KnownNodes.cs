using Gateway.Replication.Owner;

namespace Gateway.Cluster;

/// <summary>
/// Where nodes are: as the settings say, and there they stay; else as the nodes or <c>nasgate node add</c> have registered
/// them, and there they are followed.
/// </summary>
internal sealed class KnownNodes(IReadOnlyList<NodeAddress> given, NodeRegistry registry, NodePlaces places) : INodeResolver
{
    public async ValueTask<NodeAddress?> FindAsync(string node, CancellationToken cancellation)
    {
        if (given.FirstOrDefault(known => known.Node == node) is { } settled) return settled;

        return await registry.FindAsync(node, cancellation) is { } found
            ? found with { Connector = new RegisteredNode(node, found.Connector, places) }
            : null;
    }
}
