using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>The nodes of the cluster, as they have registered themselves.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class NodeRegistry(IControlPlane control, ILogger logger)
{
    /// <summary>Says where a node is; what else is known of it stays.</summary>
    /// <param name="node">Its name.</param>
    /// <param name="address">Where it is reached.</param>
    /// <param name="witness">Whether new volumes take it as a witness; null when that is not for the caller to say.</param>
    /// <param name="cancellation">Of the call.</param>
    /// <exception cref="ControlPlaneException">It may be registered or not.</exception>
    public async Task RegisterAsync(string node, HostPort address, bool? witness, CancellationToken cancellation)
    {
        var key = NodeRecord.Prefix + node;
        while (true)
        {
            var value = await control.ReadAsync(key, cancellation);
            var before = value is null ? null : ClusterJson.Read(key, value, ClusterJson.Default.NodeRecord);
            var known = before ?? new NodeRecord { Address = "" };
            var now = known with { Address = $"{address}", Witness = witness ?? known.Witness };
            if (before != now)
            {
                var json = ClusterJson.Write(now, ClusterJson.Default.NodeRecord);
                if (await control.CompareAndSetAsync(key, value?.Version ?? 0, json, cancellation) is null) continue;
                if (before is not null && before.Address != now.Address) Log.NodeMoved(logger, node, before.Address, now.Address);
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
    /// registered, by records that can be read.
    /// </summary>
    /// <param name="volume">Its name.</param>
    /// <param name="replicas">
    /// How many nodes a new volume gets: the first by their names, those that take content before witnesses, and of
    /// witnesses no more than is sound.
    /// </param>
    /// <param name="cancellation">Of the wait.</param>
    /// <exception cref="ControlPlaneException">The control plane does not answer any more.</exception>
    public async Task<IReadOnlyList<NodeAddress>> WaitForNodesAsync(string volume, int replicas, CancellationToken cancellation)
    {
        var waits = false;
        var told = new HashSet<string>();
        await foreach (var view in control.WatchAsync(NodeRecord.Prefix, cancellation))
        {
            var nodes = ReadAll(view, told);
            var record = await new VolumeRecords(control).ReadAsync(volume, cancellation);
            var members = record?.Record.Members ?? FirstMembers(nodes, replicas);
            var missing = members.Select(member => member.NodeId).Where(name => !nodes.ContainsKey(name)).ToArray();
            var wanted = record is null ? replicas : members.Count;
            if (missing.Length == 0 && members.Count == wanted)
            {
                return [.. members.Select(
                    member => nodes[member.NodeId] with { Witness = member.Witness })];
            }

            if (!waits) Log.WaitsForNodes(logger, volume, members.Count - missing.Length, wanted, string.Join(", ", missing));
            waits = true;
        }

        throw new ControlPlaneException("The nodes are no longer told.");
    }

    /// <exception cref="StartException">It is no record of a node.</exception>
    public static NodeRecord Read(string key, ControlValue value) => ClusterJson.Read(key, value, ClusterJson.Default.NodeRecord);

    /// <exception cref="StartException">What it is registered at is no address.</exception>
    public static HostPort PlaceOf(string name, NodeRecord node) => HostPort.TryParse(node.Address, out var place)
        ? place
        : throw new StartException($"node {name} is registered at '{node.Address}', which is no address");

    // One that cannot be read is as one that is not there: said once, and waited for.
    private Dictionary<string, NodeAddress> ReadAll(ControlView view, HashSet<string> told)
    {
        var nodes = new Dictionary<string, NodeAddress>();
        foreach (var (key, value) in view.Values)
        {
            var name = key[NodeRecord.Prefix.Length..];
            try
            {
                nodes[name] = AddressOf(name, Read(key, value));
            }
            catch (StartException error)
            {
                if (told.Add(error.Message)) Log.NodeNotRead(logger, error.Message);
            }
        }

        return nodes;
    }

    private static List<VolumeMember> FirstMembers(Dictionary<string, NodeAddress> nodes, int replicas)
    {
        var known = nodes.OrderBy(node => node.Key, StringComparer.Ordinal)
            .Select(node => new VolumeMember(node.Key, 0) { Witness = node.Value.Witness }).ToLookup(member => member.Witness);
        var data = known[false].Take(replicas).ToList();
        return QuorumRule.HasEnoughData(replicas, data.Count) ? [.. data, .. known[true].Take(replicas - data.Count)] : data;
    }

    private static NodeAddress AddressOf(string name, NodeRecord node)
    {
        var place = PlaceOf(name, node);
        return new NodeAddress(name, place.Host, place.Port) { Witness = node.Witness };
    }
}
