using System.Net;
using Gateway.Cli;
using Gateway.Cluster;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Owner;
using Gateway.Telemetry;

namespace Gateway.Hosting;

/// <summary><c>nasgate node</c>: one backend node, until it is told to stop or its disk fails.</summary>
internal static class NodeProcess
{
    public static async Task<int> RunAsync(NodeOptions options, CancellationToken stop)
    {
        using var log = ProcessLog.Open(options.Process);
        var logger = log.Factory.CreateLogger("Gateway.Hosting.NodeProcess");
        Log.Starting(logger, "node", options.Process.DataDirectory, options.Listen.ToString());
        await using var tls = options.Certificates is { } files
            ? LinkCredentials.Open(files, LinkRole.Node, options.Id, null, BootTimeProvider.Instance, log.Factory)
            : null;
        var trust = tls is null
            ? new LinkTrust(ClusterSecret.FromKey(SharedSecret.LoadOrCreate(options.Process.SecretFile)))
            : new LinkTrust(tls);
        await using var node = new NodeHost(
            options.Id, options.Process.DataDirectory, trust, reopens: false, BootTimeProvider.Instance, log.Factory);
        var address = await node.ListenAsync(options.Listen);
        using var metrics = new NodeMetrics(node.Copies, BootTimeProvider.Instance);
        using var certificateMetrics = new CertificateMetrics(() => trust.Certificate, BootTimeProvider.Instance);
        await using var metricsEndpoint = options.Process.MetricsPort is { } port
            ? await MetricsEndpoint.ListenAsync(new IPEndPoint(options.Listen.Address, port), log.Factory)
            : null;
        using var control = options.Control.Etcd is null
            ? null
            : ClusterControl.Open(
                options.Control, options.Process.DataDirectory, trust.Cluster, BootTimeProvider.Instance, log.Factory);
        await using var registration = control is null
            ? null
            : new NodeRegistration(
                control, options.Id, options.Advertise ?? new HostPort(address), options.Witness, BootTimeProvider.Instance, logger);
        await Console.Out.WriteLineAsync($"nasgate: ready, node {options.Id} on {address}");

        var ended = Task.Delay(Timeout.Infinite, stop);
        if (await Task.WhenAny(ended, node.Failed) == ended) return CommandLine.ExitSuccess;

        Log.NodeFailed(logger, (await node.Failed).Message);
        return CommandLine.ExitFailure;
    }
}
