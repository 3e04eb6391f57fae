using Gateway.Nfs.Exports;
using Gateway.Replication.Owner;
using Gateway.Replication.Standby;
using Gateway.Replication.Store;

namespace Gateway.Hosting;

/// <summary>
/// What a gateway does with a volume while it owns it: serves its files, and has the address at which clients look for them.
/// </summary>
/// <remarks>Called by the volume's seat, one call at a time.</remarks>
internal sealed class ServedVolume(string volume, FileServer server, IServiceAddress address) : IVolumeServer
{
    private readonly TaskCompletionSource<Exception?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Completes when the volume is served for the first time, or with why that failed for a reason that the user must mend. A
    /// volume that was lost while it was opened is another gateway's, and is tried again.
    /// </summary>
    public Task<Exception?> FirstStart => _first.Task;

    public Task StartAsync(OwnedVolume owned, CancellationToken cancellation) => StartAsync(owned.Store, cancellation);

    // The files first: clients that come by the address are answered.
    internal async Task StartAsync(IVolumeStore store, CancellationToken cancellation)
    {
        try
        {
            await server.OpenAsync(volume, store, cancellation);
            await address.TakeAsync(volume, cancellation);
            _first.TrySetResult(null);
        }
        catch (Exception failure) when (failure is StartException or ExportException)
        {
            _first.TrySetResult(failure);
            throw;
        }
    }

    // The address first, when it may be another's already; last, when clients are to be told through it.
    public async Task<bool> StopAsync(ServerStop reason, CancellationToken cancellation)
    {
        var inGoodOrder = reason is ServerStop.Shutdown or ServerStop.HandOver;
        if (!inGoodOrder) await address.ReleaseAsync(volume, cancellation);
        var isFlushed = await server.CloseAsync(volume, inGoodOrder);
        if (inGoodOrder) await address.ReleaseAsync(volume, cancellation);
        return isFlushed;
    }
}
