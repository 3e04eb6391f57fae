using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>
/// Where the registered nodes are, as the control plane last said it: heard once for all links of a gateway. A record that
/// cannot be read changes nothing.
/// </summary>
/// <remarks>Any thread reads; one loop of its own changes.</remarks>
internal sealed class NodePlaces : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly ControlWatch _watch;
    private volatile IReadOnlyDictionary<string, Known> _known = new Dictionary<string, Known>();

    public NodePlaces(IControlPlane control, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _watch = new ControlWatch(control, NodeRecord.Prefix, LearnAsync, time, logger);
    }

    /// <summary>Null when nothing was heard of it.</summary>
    public HostPort? Find(string node) => _known.GetValueOrDefault(node)?.Place;

    public ValueTask DisposeAsync() => _watch.DisposeAsync();

    private Task LearnAsync(ControlView view, CancellationToken cancellation)
    {
        var known = new Dictionary<string, Known>();
        foreach (var (key, value) in view.Values)
        {
            var node = key[NodeRecord.Prefix.Length..];
            var before = _known.GetValueOrDefault(node);
            known[node] = before?.Version == value.Version ? before : Read(node, value, before);
        }

        _known = known;
        return Task.CompletedTask;
    }

    private Known Read(string node, ControlValue value, Known? before)
    {
        try
        {
            var place = NodeRegistry.PlaceOf(node, NodeRegistry.Read(NodeRecord.Prefix + node, value));
            if (before?.Place is { } old && old != place) Log.NodeIsElsewhere(_logger, node, place.ToString(), old.ToString());
            return new Known(value.Version, place);
        }
        catch (StartException error)
        {
            Log.RecordNotFollowed(_logger, error.Message);
            return new Known(value.Version, before?.Place);
        }
    }

    private sealed record Known(long Version, HostPort? Place);
}
