using System.Net;
using Gateway.Admin;
using Gateway.Cli;
using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Users;

namespace Gateway.Hosting;

/// <summary><c>nasgate serve</c>, and the gateway half of <c>up</c>: owns the volume and serves it until told to stop.</summary>
internal static class GatewayProcess
{
    public const string VolumeName = "files";

    public static async Task<int> RunAsync(GatewayOptions options, CancellationToken stop)
    {
        using var log = ProcessLog.Open(options.Process);
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(options.Process.SecretFile));
        return await RunAsync(options, [.. options.Nodes.Select(Address)], secret, log, stop);
    }

    /// <param name="options">The nodes it names are not looked at.</param>
    /// <param name="nodes">How the nodes are reached; none when the control plane knows them.</param>
    /// <param name="secret">Shared with the nodes.</param>
    /// <param name="log">Of the process.</param>
    /// <param name="stop">Ends the process in good order.</param>
    public static async Task<int> RunAsync(
        GatewayOptions options,
        IReadOnlyList<NodeAddress> nodes,
        ClusterSecret secret,
        ProcessLog log,
        CancellationToken stop)
    {
        var time = BootTimeProvider.Instance;
        var began = time.GetTimestamp();
        var logger = log.Factory.CreateLogger("Gateway.Hosting.GatewayProcess");
        Log.Starting(logger, "gateway", options.Process.DataDirectory, $"{options.Listen}:{options.NfsPort}");
        try
        {
            using var cluster = ClusterControl.Open(
                options.Control, options.Process.DataDirectory, secret.Cluster, time, log.Factory);
            await cluster.WaitAsync(stop);
            var control = cluster.Plane;
            options = await SharingRecords.ApplyAsync(control, options, logger, stop);
            if (nodes.Count == 0)
                nodes = await new NodeRegistry(control, logger).WaitForNodesAsync(VolumeName, options.Replicas, stop);
            var users = new UserDirectory(control, new UserSecrets(secret), time);
            await using var watch = new UserWatch(control, users, time, logger);
            await using var announcement = options.Id is null
                ? null
                : new GatewayAnnouncement(control, options.Id, $"{options.Listen}:{options.NfsPort}", time, logger);
            await using var volume = new VolumeHost(OptionsOf(options, nodes, secret), control, time, log.Factory);
            await volume.StartAsync(stop);
            await using var server = new FileServer(options, secret, users, time, log.Factory);
            await server.OpenAsync(VolumeName, volume.Store, stop);
            using var answers = new GatewayAnswers(secret, volume, server, users, time);
            await using var admin = await AdminEndpoint.ListenAsync(options.HttpPort, answers, log.Factory);
            Log.Serving(logger, (long)time.GetElapsedTime(began).TotalMilliseconds);
            var password = options.MakesFirstUser ? await FirstUser.TryMakeAsync(users, stop) : null;
            await Console.Out.WriteLineAsync(ReadyNote.Of(options, server.Protocols!.NfsAddress, server.Protocols.SmbAddress, password));

            var ended = Task.Delay(Timeout.Infinite, stop);
            var stopped = await Task.WhenAny(ended, volume.Stopped) != ended;
            if (stopped) Log.VolumeStopped(logger, (await volume.Stopped).ToString());

            var stopping = time.GetTimestamp();
            Log.Stopping(logger);
            await server.StopAsync();
            await volume.StopAsync();
            Log.Stopped(logger, (long)time.GetElapsedTime(stopping).TotalMilliseconds);
            return stopped ? CommandLine.ExitFailure : CommandLine.ExitSuccess;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop before it served, for instance while it waited for a majority of the nodes.
            return CommandLine.ExitSuccess;
        }
        catch (Exception error) when (error is VolumeLostException or ControlPlaneException)
        {
            throw new StartException(error.Message, error);
        }
    }

    private static ReplicationOptions OptionsOf(
        GatewayOptions options, IReadOnlyList<NodeAddress> nodes, ClusterSecret secret)
    {
        return new ReplicationOptions
        {
            Volume = VolumeName,
            Nodes = nodes,
            Secret = secret,
            OwnerAddress = new IPEndPoint(options.Listen, options.NfsPort).ToString(),
            RowsDirectory = Path.Combine(options.Process.DataDirectory, "gateway", "rows"),
        };
    }

    private static NodeAddress Address(NodeEndPoint node) =>
        new(node.Id, node.EndPoint.Address.ToString(), node.EndPoint.Port);
}
