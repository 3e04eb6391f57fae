using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>A server whose failures are logged and end its ownership, and nothing else.</summary>
internal sealed class GuardedServer(IVolumeServer server, string volume, TimeSpan stopTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>True when it serves.</summary>
    public async Task<bool> StartAsync(Owner.OwnedVolume owned, CancellationToken cancellation)
    {
        try
        {
            await Task.Yield();
            await server.StartAsync(owned, cancellation);
            return true;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // The volume is given up again, and another gateway may serve it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            StandbyLog.ServerFailed(logger, volume, failure);
            return false;
        }
    }

    /// <summary>True when all that was buffered is flushed.</summary>
    public async Task<bool> StopAsync(ServerStop reason)
    {
        using var timeout = new CancellationTokenSource(stopTimeout, time);
        try
        {
            return await server.StopAsync(reason, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return false;
        }
#pragma warning disable CA1031 // The volume must be given up whatever its server does.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            StandbyLog.ServerFailed(logger, volume, failure);
            return false;
        }
    }
}
