using System.Net;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>The nodes of the cluster, as they have registered themselves.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class NodeRegistry(IControlPlane control, ILogger logger)
{
    /// <summary>Says where a node is; what else is known of it stays.</summary>
    /// <exception cref="ControlPlaneException">It may be registered or not.</exception>
    public async Task RegisterAsync(string node, IPEndPoint address, CancellationToken cancellation)
    {
        var key = NodeRecord.Prefix + node;
        while (true)
        {
            var value = await control.ReadAsync(key, cancellation);
            var before = value is null ? null : ClusterJson.Read(key, value, ClusterJson.Default.NodeRecord);
            var now = before is null ? new NodeRecord { Address = $"{address}" } : before with { Address = $"{address}" };
            if (before != now)
            {
                var json = ClusterJson.Write(now, ClusterJson.Default.NodeRecord);
                if (await control.CompareAndSetAsync(key, value?.Version ?? 0, json, cancellation) is null) continue;
                if (before is not null) Log.NodeMoved(logger, node, before.Address, now.Address);
            }

            Log.NodeRegistered(logger, node, now.Address);
            return;
        }
    }

    /// <summary>Where a node is; null when it is not registered.</summary>
    /// <exception cref="ControlPlaneException">The control plane does not answer.</exception>
    public async Task<NodeAddress?> FindAsync(string node, CancellationToken cancellation)
    {
        var key = NodeRecord.Prefix + node;
        return await control.ReadAsync(key, cancellation) is { } value ? AddressOf(node, Read(key, value)) : null;
    }

    /// <summary>
    /// The nodes of a volume, or, while there is no such volume, those that it will be made of. Waits until they are
    /// registered.
    /// </summary>
    /// <param name="volume">Its name.</param>
    /// <param name="replicas">How many nodes a new volume gets: the first by their names.</param>
    /// <param name="cancellation">Of the wait.</param>
    /// <exception cref="ControlPlaneException">The control plane does not answer any more.</exception>
    public async Task<IReadOnlyList<NodeAddress>> WaitForNodesAsync(string volume, int replicas, CancellationToken cancellation)
    {
        var waits = false;
        await foreach (var view in control.WatchAsync(NodeRecord.Prefix, cancellation))
        {
            var nodes = view.Values.ToDictionary(pair => pair.Key[NodeRecord.Prefix.Length..], pair => Read(pair.Key, pair.Value));
            var record = await new VolumeRecords(control).ReadAsync(volume, cancellation);
            string[] names = record is null
                ? [.. nodes.Where(node => !node.Value.Witness).Select(node => node.Key).Order(StringComparer.Ordinal).Take(replicas)]
                : [.. record.Record.Members.Select(member => member.NodeId)];
            var missing = names.Where(name => !nodes.ContainsKey(name)).ToArray();
            var wanted = record is null ? replicas : names.Length;
            if (missing.Length == 0 && names.Length == wanted) return [.. names.Select(name => AddressOf(name, nodes[name]))];

            if (!waits) Log.WaitsForNodes(logger, volume, names.Length - missing.Length, wanted, string.Join(", ", missing));
            waits = true;
        }

        throw new ControlPlaneException("The nodes are no longer told.");
    }

    private static NodeRecord Read(string key, ControlValue value) => ClusterJson.Read(key, value, ClusterJson.Default.NodeRecord);

    private static NodeAddress AddressOf(string name, NodeRecord node) => IPEndPoint.TryParse(node.Address, out var address)
        ? new NodeAddress(name, address.Address.ToString(), address.Port)
        : throw new StartException($"node {name} is registered at '{node.Address}', which is no address");
}
