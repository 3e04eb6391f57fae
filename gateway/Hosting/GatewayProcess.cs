using System.Net;
using Gateway.Addresses;
using Gateway.Admin;
using Gateway.Cli;
using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Owner;
using Gateway.Telemetry;
using Gateway.Users;

namespace Gateway.Hosting;

/// <summary><c>nasgate serve</c>, and the gateway half of <c>up</c>: takes and serves volumes until told to stop.</summary>
internal static class GatewayProcess
{
    /// <summary>The first volume of a cluster.</summary>
    public const string VolumeName = "files";

    /// <summary>The name of a gateway that is the only one of its cluster.</summary>
    public const string OnlyGateway = "gateway";

    public static async Task<int> RunAsync(GatewayOptions options, CancellationToken stop)
    {
        using var log = ProcessLog.Open(options.Process);
        var secret = ClusterSecret.FromKey(SharedSecret.LoadOrCreate(options.Process.SecretFile));
        await using var tls = options.Certificates is { } files
            ? LinkCredentials.Open(files, LinkRole.Gateway, options.Id, secret.Cluster, BootTimeProvider.Instance, log.Factory)
            : null;
        var trust = tls is null ? new LinkTrust(secret) : new LinkTrust(tls);
        return await RunAsync(options, [.. options.Nodes.Select(Address)], secret, trust, log, stop);
    }

    /// <param name="options">The nodes it names are not looked at.</param>
    /// <param name="nodes">How the nodes are reached; none when the control plane knows them.</param>
    /// <param name="secret">Of the cluster.</param>
    /// <param name="trust">How nodes are believed.</param>
    /// <param name="log">Of the process.</param>
    /// <param name="stop">Ends the process in good order.</param>
    public static async Task<int> RunAsync(
        GatewayOptions options,
        IReadOnlyList<NodeAddress> nodes,
        ClusterSecret secret,
        LinkTrust trust,
        ProcessLog log,
        CancellationToken stop)
    {
        var time = BootTimeProvider.Instance;
        var began = time.GetTimestamp();
        var logger = log.Factory.CreateLogger("Gateway.Hosting.GatewayProcess");
        Log.Starting(logger, "gateway", options.Process.DataDirectory, $"{options.Listen}:{options.NfsPort}");
        try
        {
            // Before anything is waited for: what waits for etcd is alive, and whoever restarted it would not make it come sooner.
            await using var readiness = options.Addresses.ReadyPort is { } port
                ? await ReadinessEndpoint.ListenAsync(new IPEndPoint(options.Listen, port), time, log.Factory)
                : null;
            using var cluster = ClusterControl.Open(
                options.Control, options.Process.DataDirectory, secret.Cluster, time, log.Factory);
            await cluster.WaitAsync(stop);
            var control = cluster.Plane;
            var configured = options;
            options = await SharingRecords.ApplyAsync(control, options, logger, stop);
            var users = new UserDirectory(control, new UserSecrets(secret), time);
            await using var watch = new UserWatch(control, users, time, logger);
            await using var announcement = options.Id is null
                ? null
                : new GatewayAnnouncement(control, options.Id, options.ReachedAt.ToString(), time, logger);
            await using var server = new FileServer(options, secret, users, time, log.Factory);
            readiness?.AnswerBy(server.ServesAsync);
            await using var sharing = new SharingWatch(control, configured, server, time, logger);
            await using var addresses = new ServiceAddresses(
                options.Addresses,
                options.Id ?? OnlyGateway,
                options.Listen,
                new LinuxNetwork(),
                server.Find,
                time,
                log.Factory.CreateLogger("Gateway.Addresses.ServiceAddresses"));
            await using var volumes = new GatewayVolumes(
                options, nodes, control, server, addresses, trust, time, log.Factory);
            using var metrics = new VolumeMetrics(() => volumes.Seats.Select(seat => seat.Seat.Status), time);
            using var certificateMetrics = new CertificateMetrics(() => trust.Certificate, time);
            await using var metricsEndpoint = options.Process.MetricsPort is { } metricsPort
                ? await MetricsEndpoint.ListenAsync(new IPEndPoint(options.Listen, metricsPort), log.Factory)
                : null;
            using var answers = new GatewayAnswers(
                secret, trust, volumes, server, users, new NodeRegistry(control, logger), time);
            await using var admin = await AdminEndpoint.ListenAsync(options.HttpPort, answers, log.Factory);
            if (options.Id is not null) await Rehearsal.RunAsync(options, secret, users, time, logger, stop);
            volumes.Start();
            if (options.Id is not null) await Console.Out.WriteLineAsync($"nasgate: ready, gateway {options.Id} stands by");
            if (await volumes.FirstStart.WaitAsync(stop) is { } failure)
                throw new StartException(failure.Message, failure);

            Log.Serving(logger, (long)time.GetElapsedTime(began).TotalMilliseconds);
            var password = options.MakesFirstUser ? await FirstUser.TryMakeAsync(users, stop) : null;

            // Null when the volume has been lost again meanwhile.
            if (server.Protocols is { } protocols)
                await Console.Out.WriteLineAsync(ReadyNote.Of(options, protocols.NfsAddress, protocols.SmbAddress, password));
            await Task.Delay(Timeout.Infinite, stop).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            var stopping = time.GetTimestamp();
            Log.Stopping(logger);
            await volumes.StopAsync();
            Log.Stopped(logger, (long)time.GetElapsedTime(stopping).TotalMilliseconds);
            return CommandLine.ExitSuccess;
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

    private static NodeAddress Address(NodeEndPoint node) =>
        new(node.Id, node.EndPoint.Address.ToString(), node.EndPoint.Port) { Witness = node.Witness };
}
