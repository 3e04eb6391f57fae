using Gateway.Replication.Owner;

namespace Gateway.Replication.Standby;

/// <summary>What a gateway does with a volume while it owns it: the file server, with its addresses.</summary>
/// <remarks>Called by the <see cref="VolumeSeat"/>, one call at a time: started and stopped any number of times.</remarks>
public interface IVolumeServer
{
    /// <summary>Begins to serve; completes when clients are answered.</summary>
    /// <param name="volume">Owned until <see cref="StopAsync"/> is called.</param>
    /// <param name="cancellation">The volume is lost, or the process stops: give up, <see cref="StopAsync"/> follows.</param>
    Task StartAsync(OwnedVolume volume, CancellationToken cancellation);

    /// <summary>
    /// Ends the server. After <see cref="ServerStop.Shutdown"/> and <see cref="ServerStop.HandOver"/> the volume still
    /// works until this completes: requests that have begun are finished, what is buffered is flushed, new ones are neither
    /// begun nor answered. After the others nothing of it works: connections are dropped at once, nothing is answered.
    /// </summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellation">The time to finish is over.</param>
    /// <returns>True when everything that clients were told is buffered has been flushed.</returns>
    Task<bool> StopAsync(ServerStop reason, CancellationToken cancellation);
}

/// <summary>Why a server ends.</summary>
public enum ServerStop
{
    /// <summary>The process stops in good order.</summary>
    Shutdown,

    /// <summary>Another gateway is to own the volume: clients find it at the same addresses.</summary>
    HandOver,

    /// <summary>Another gateway owns the volume already.</summary>
    Fenced,

    /// <summary>
    /// No majority of nodes has acknowledged for long, and it cannot be found out whether another gateway owns the volume.
    /// </summary>
    LeaseLost,

    /// <summary>A rule failed in this process.</summary>
    Broken,

    /// <summary>A drill: the volume is left as by a crash of this process.</summary>
    Abandoned,
}
