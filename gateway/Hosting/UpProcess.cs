using System.Globalization;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Telemetry;

namespace Gateway.Hosting;

/// <summary>
/// <c>nasgate up</c>: backend nodes and a gateway in one process. They speak the protocol of separate machines, in memory.
/// </summary>
internal static class UpProcess
{
    /// <param name="options">Of the gateway.</param>
    /// <param name="nodeCount">How many nodes.</param>
    /// <param name="witness">A volume that is made takes the last of them as a witness.</param>
    /// <param name="stop">Ends the process in good order.</param>
    public static async Task<int> RunAsync(GatewayOptions options, int nodeCount, bool witness, CancellationToken stop)
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
                addresses.Add(new NodeAddress(id, node) { Witness = witness && number == nodeCount });
            }

            using var metrics = new NodeMetrics(() => nodes.SelectMany(node => node.Copies()), BootTimeProvider.Instance);
            return await GatewayProcess.RunAsync(options with { MakesFirstUser = true }, addresses, secret, trust, log, stop);
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
    }
}
