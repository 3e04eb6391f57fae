using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Control.Etcd;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>The control plane of a process, for as long as that lives.</summary>
internal sealed class ClusterControl : IDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly IDisposable _owned;
    private readonly Guid _cluster;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private ClusterControl(
        IControlPlane plane, IDisposable owned, Guid cluster, TimeProvider time, ILogger logger)
    {
        (Plane, _owned, _cluster, _time, _logger) = (plane, owned, cluster, time, logger);
    }

    public IControlPlane Plane { get; }

    /// <summary>Opens it. Of etcd, nothing is asked yet.</summary>
    /// <param name="options">Which one.</param>
    /// <param name="data">The data directory.</param>
    /// <param name="cluster">Whose values are wanted.</param>
    /// <param name="time">For time limits.</param>
    /// <param name="loggers">For what is odd.</param>
    /// <exception cref="StartException">The directory is in use, or a file cannot be read.</exception>
    public static ClusterControl Open(
        ControlOptions options, string data, Guid cluster, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<ClusterControl>();
        try
        {
            if (options.Etcd is null)
            {
                var embedded = EmbeddedControlPlane.Open(DirectoryIn(data));
                return new ClusterControl(embedded, embedded, cluster, time, logger);
            }

            var credentials = options.CredentialsFile is { } file ? CredentialsFile.Read(file) : null;
            var etcd = new EtcdControlPlane(
                options.Etcd with { Credentials = credentials }, cluster, time, loggers.CreateLogger<EtcdControlPlane>());
            return new ClusterControl(etcd, etcd, cluster, time, logger);
        }
        catch (ControlPlaneException error)
        {
            throw new StartException(error.Message, error);
        }
    }

    /// <summary>Where the control plane of a data directory is.</summary>
    public static string DirectoryIn(string data) => Path.Combine(data, "gateway", "control");

    /// <summary>Waits until the control plane answers, as long as it takes, and makes sure that it is in a form we know.</summary>
    /// <exception cref="StartException">It is in another form.</exception>
    public async Task WaitAsync(CancellationToken stop)
    {
        var waits = false;
        while (true)
        {
            try
            {
                await FoundAsync(stop);
                if (waits) Log.ControlPlaneAnswers(_logger);
                return;
            }
            catch (ControlPlaneException error)
            {
                if (!waits) Log.WaitsForControlPlane(_logger, error.Message);
                waits = true;
            }

            await Task.Delay(RetryDelay, _time, stop);
        }
    }

    public void Dispose() => _owned.Dispose();

    private async Task FoundAsync(CancellationToken stop)
    {
        while (true)
        {
            if (await Plane.ReadAsync(ClusterRecord.Key, stop) is { } value)
            {
                var record = ClusterJson.Read(ClusterRecord.Key, value, ClusterJson.Default.ClusterRecord);
                if (record.Format == ClusterRecord.FormatNow && record.Cluster == _cluster) return;

                throw new StartException(record.Cluster == _cluster
                    ? $"the control plane has the form {record.Format}, of another version of this program"
                    : $"the control plane is of the cluster {record.Cluster}, and the secret of {_cluster}");
            }

            var first = new ClusterRecord { Format = ClusterRecord.FormatNow, Cluster = _cluster };
            var json = ClusterJson.Write(first, ClusterJson.Default.ClusterRecord);
            if (await Plane.CompareAndSetAsync(ClusterRecord.Key, 0, json, stop) is not null) return;
        }
    }
}
