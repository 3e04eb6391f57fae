using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Gateway.Cluster;
using Gateway.Replication.Control;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Replication.Standby;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// All volumes of the cluster at this gateway: a seat for each, from the moment its record is there. The first gateway of a
/// cluster makes the first volume.
/// </summary>
/// <remarks>Any thread. One loop of its own that watches the records.</remarks>
internal sealed partial class GatewayVolumes : IAsyncDisposable
{
    private readonly GatewayOptions _options;
    private readonly IReadOnlyList<NodeAddress> _nodes;
    private readonly IControlPlane _control;
    private readonly FileServer _server;
    private readonly IServiceAddress _address;
    private readonly LinkTrust _trust;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly NodeRegistry _registry;
    private readonly NodePlaces _places;
    private readonly ConcurrentDictionary<string, VolumeSeat> _seats = new();
    private readonly TaskCompletionSource<Exception?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ControlWatch? _watch;

    /// <param name="options">Of the gateway.</param>
    /// <param name="nodes">The nodes of every volume; none when the control plane knows them.</param>
    /// <param name="control">Shared by the gateways.</param>
    /// <param name="server">Serves what is owned.</param>
    /// <param name="address">Goes with what is owned.</param>
    /// <param name="trust">How the nodes are believed.</param>
    /// <param name="time">The boot-time clock.</param>
    /// <param name="loggers">For what happens.</param>
    public GatewayVolumes(
        GatewayOptions options,
        IReadOnlyList<NodeAddress> nodes,
        IControlPlane control,
        FileServer server,
        IServiceAddress address,
        LinkTrust trust,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_options, _nodes, _control, _server, _address) = (options, nodes, control, server, address);
        (_trust, _time, _loggers) = (trust, time, loggers);
        _logger = loggers.CreateLogger<GatewayVolumes>();
        _registry = new NodeRegistry(control, _logger);
        _places = new NodePlaces(control, time, _logger);
    }

    /// <summary>
    /// Completes when some volume is served here for the first time, with null, or with why the first try to serve one failed.
    /// </summary>
    public Task<Exception?> FirstStart => _first.Task;

    /// <summary>By name.</summary>
    public IEnumerable<(string Volume, VolumeSeat Seat)> Seats =>
        _seats.OrderBy(seat => seat.Key, StringComparer.Ordinal).Select(seat => (seat.Key, seat.Value));

    public VolumeSeat? Find(string volume) => _seats.GetValueOrDefault(volume);

    public void Start() => _watch = new ControlWatch(_control, VolumeRecords.Prefix, OpenAsync, _time, _logger);

    /// <summary>Makes a volume; its gateways find it by its record.</summary>
    /// <returns>What is wrong with that, or null.</returns>
    /// <exception cref="ControlPlaneException">It is not known whether it was made.</exception>
    public async Task<string?> TryCreateAsync(string volume, CancellationToken cancellation)
    {
        if (!NameForm().IsMatch(volume)) return $"'{volume}' is no name of a volume: up to 32 of a-z, 0-9, '-' and '_', a letter first";

        var records = new VolumeRecords(_control);
        if (await records.ReadAsync(volume, cancellation) is not null) return $"there is a volume '{volume}' already";
        if (_seats.Count >= NodeVolumes.VolumesMax) return $"there are {NodeVolumes.VolumesMax} volumes already";

        var nodes = await FindNodesAsync(volume, cancellation);
        var options = OptionsOf(volume, nodes).Replication;
        var first = VolumeRecord.Of(
            new Guid(RandomNumberGenerator.GetBytes(16)), nodes.Select(node => node.ToMember()), options.OwnerAddress,
            options.LeaseMilliseconds);
        return await records.CompareAndSetAsync(volume, 0, first, cancellation) is null
            ? $"somebody else has just made a volume '{volume}'"
            : null;
    }

    /// <summary>Gives up in good order what is owned, all volumes at once, and ends.</summary>
    public async Task StopAsync()
    {
        if (_watch is not null) await _watch.DisposeAsync();
        await Task.WhenAll(_seats.Values.Select(seat => seat.StopAsync()));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var seat in _seats.Values) await seat.DisposeAsync();
        await _places.DisposeAsync();
        if (_watch is not null) await _watch.DisposeAsync();
    }

    private async Task OpenAsync(ControlView records, CancellationToken cancellation)
    {
        IEnumerable<string> names = records.Values.Keys.Select(key => key[VolumeRecords.Prefix.Length..]);
        if (records.Values.Count == 0) names = [GatewayProcess.VolumeName];
        ControlPlaneException? failure = null;
        foreach (var name in names.Where(name => !_seats.ContainsKey(name)))
        {
            try
            {
                await OpenAsync(name, cancellation);
            }
            catch (ControlPlaneException error)
            {
                // The other volumes do not wait for this one, which is tried again.
                failure ??= error;
            }
        }

        if (failure is not null) throw new ControlPlaneException(failure.Message, failure);
    }

    private async Task OpenAsync(string volume, CancellationToken cancellation)
    {
        var nodes = await FindNodesAsync(volume, cancellation);
        var service = new ServedVolume(volume, _server, _address);
        var seat = new VolumeSeat(
            OptionsOf(volume, nodes), _control, service, _time, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), _loggers);
        _seats[volume] = seat;
        _server.Declare(volume);
        seat.Start();
        _ = service.FirstStart.ContinueWith(
            started => _first.TrySetResult(started.Result),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task<IReadOnlyList<NodeAddress>> FindNodesAsync(string volume, CancellationToken cancellation)
    {
        if (_nodes.Count == 0) return await _registry.WaitForNodesAsync(volume, _options.Replicas, cancellation);

        var record = (await new VolumeRecords(_control).ReadAsync(volume, cancellation))?.Record;
        foreach (var member in record?.AllMembers() ?? [])
        {
            var given = _nodes.FirstOrDefault(node => node.Node == member.NodeId);
            if (given is not null && given.Witness != member.Witness)
                Log.OtherRole(_logger, member.NodeId, volume, member.Witness ? "a witness" : "no witness");
        }

        return _nodes;
    }

    private VolumeSeatOptions OptionsOf(string volume, IReadOnlyList<NodeAddress> nodes)
    {
        var address = _options.ReachedAt.ToString();
        return new VolumeSeatOptions
        {
            Gateway = _options.Id ?? GatewayProcess.OnlyGateway,
            Addresses = [address],
            Replication = new ReplicationOptions
            {
                Volume = volume,
                Nodes = nodes,
                Resolver = new KnownNodes(_nodes, _registry, _places),
                Trust = _trust,
                OwnerAddress = address,
                RowsDirectory = Path.Combine(_options.Process.DataDirectory, "gateway", "rows", volume),
            },
        };
    }

    // It becomes a directory, a path of an export and a share.
    [GeneratedRegex("^[a-z][a-z0-9_-]{0,31}$", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm();
}
