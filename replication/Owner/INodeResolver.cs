namespace Gateway.Replication.Owner;

/// <summary>
/// Where nodes are. The control record names a volume's members; where they are reached is for the settings, or for the
/// nodes themselves, to say.
/// </summary>
public interface INodeResolver
{
    /// <returns>Null when nobody has told.</returns>
    /// <exception cref="Control.ControlPlaneException">It cannot be found out now.</exception>
    ValueTask<NodeAddress?> FindAsync(string node, CancellationToken cancellation);
}

/// <summary>Addresses from the settings.</summary>
public sealed class GivenNodes(IReadOnlyList<NodeAddress> nodes) : INodeResolver
{
    public ValueTask<NodeAddress?> FindAsync(string node, CancellationToken cancellation) =>
        ValueTask.FromResult(nodes.FirstOrDefault(known => known.Node == node));
}
