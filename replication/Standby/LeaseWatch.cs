using Gateway.Replication.Control;
using Gateway.Replication.Owner;

namespace Gateway.Replication.Standby;

/// <summary>
/// Finds out what it means that an owner has had no lease for a while. Nothing is answered meanwhile; as long as the control
/// record names this owner nobody else is one, and clients wait. When it does not, or cannot be read for long, it is over.
/// </summary>
internal sealed class LeaseWatch(VolumeSite site, TimeSpan unknownMax)
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(1);

    private long? _withoutSince;

    /// <summary>Why to stop; null while there is no reason to.</summary>
    public async Task<ServerStop?> CheckAsync(OwnedVolume owned)
    {
        if (owned.LeaseValid)
        {
            _withoutSince = null;
            return null;
        }

        _withoutSince ??= site.Time.GetTimestamp();
        var without = site.Time.GetElapsedTime(_withoutSince.Value);
        if (without.TotalMilliseconds < site.Options.LeaseMilliseconds) return null;
        try
        {
            using var timeout = new CancellationTokenSource(AskTimeout, site.Time);
            return await site.Admission.IsStillOursAsync(timeout.Token) ? null : ServerStop.Fenced;
        }
        catch (Exception silent) when (silent is ControlPlaneException or OperationCanceledException)
        {
            return without > unknownMax ? ServerStop.LeaseLost : null;
        }
    }
}
