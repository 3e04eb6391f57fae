using Gateway.Replication.Owner;

namespace Gateway.Cluster;

/// <summary>Where nodes are: as the settings say, else as the nodes or <c>nasgate node add</c> have registered it.</summary>
internal sealed class KnownNodes(IReadOnlyList<NodeAddress> given, NodeRegistry registry) : INodeResolver
{
    public async ValueTask<NodeAddress?> FindAsync(string node, CancellationToken cancellation) =>
        given.FirstOrDefault(known => known.Node == node) ?? await registry.FindAsync(node, cancellation);
}
