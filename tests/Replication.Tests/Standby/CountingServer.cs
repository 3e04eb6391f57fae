using Gateway.Replication.Owner;
using Gateway.Replication.Standby;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Standby;

/// <summary>A server that does what a file server does with requests: finishes them, lets them wait, or drops them.</summary>
internal sealed class CountingServer : IVolumeServer
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _drained;
    private int _running;

    public List<ServerStop> Stops { get; } = [];

    /// <summary>The volume while it is served.</summary>
    public OwnedVolume? Serving { get; private set; }

    /// <summary>The last volume, served or not.</summary>
    public OwnedVolume? Last { get; private set; }

    public bool FlushesAll { get; set; } = true;

    /// <summary>Its end takes until this does.</summary>
    public Task Closing { get; set; } = Task.CompletedTask;

    public Task StartAsync(OwnedVolume volume, CancellationToken cancellation)
    {
        lock (_gate) (Serving, Last) = (volume, volume);
        return Task.CompletedTask;
    }

    public async Task<bool> StopAsync(ServerStop reason, CancellationToken cancellation)
    {
        Task drained;
        lock (_gate)
        {
            Serving = null;
            Stops.Add(reason);
        }

        await Closing.WaitAsync(cancellation);
        lock (_gate)
        {
            if (_running == 0 || reason is not (ServerStop.HandOver or ServerStop.Shutdown)) return FlushesAll;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        await drained.WaitAsync(cancellation);
        return FlushesAll;
    }

    /// <summary>Null when the request is not taken: the client comes again.</summary>
    public async Task<StoreOutcome?> ExecuteAsync(Mutation mutation)
    {
        OwnedVolume volume;
        lock (_gate)
        {
            if (Serving is null) return null;
            volume = Serving;
            _running++;
        }

        var outcome = await volume.Store.ExecuteAsync(mutation);
        lock (_gate)
        {
            if (--_running == 0) _drained?.TrySetResult();
        }

        return outcome;
    }
}
