using System.Globalization;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;

namespace Gateway.Hosting;

/// <summary>
/// <c>nasgate up</c>: backend nodes and a gateway in one process. They speak the protocol of separate machines, in memory.
/// </summary>
internal static class UpProcess
{
    public static async Task<int> RunAsync(GatewayOptions options, int nodeCount, CancellationToken stop)
    {
        using var log = ProcessLog.Open(options.Process);
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(options.Process.SecretFile));
        var trust = new LinkTrust(secret);
        var nodes = new List<NodeHost>();
        try
        {
            var addresses = new List<NodeAddress>();
            for (var number = 1; number <= nodeCount; number++)
            {
                var id = "node" + number.ToString(CultureInfo.InvariantCulture);
                var directory = Path.Combine(options.Process.DataDirectory, id);
                var node = new NodeHost(id, directory, trust, reopens: true, BootTimeProvider.Instance, log.Factory);
                nodes.Add(node);
                await node.StartAsync();
                addresses.Add(new NodeAddress(id, node));
            }

            return await GatewayProcess.RunAsync(options with { MakesFirstUser = true }, addresses, secret, trust, log, stop);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }
}
