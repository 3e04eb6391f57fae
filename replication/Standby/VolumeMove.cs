using Gateway.Replication.Control;

namespace Gateway.Replication.Standby;

/// <summary>What became of a request to move a volume.</summary>
public enum MoveOutcome
{
    /// <summary>The gateway serves the volume.</summary>
    Moved,

    /// <summary>No gateway of that name stands by for the volume.</summary>
    NotThere,

    /// <summary>The gateway is not level with the journal yet.</summary>
    NotReady,

    /// <summary>Another request was made meanwhile, which counts.</summary>
    Overtaken,

    /// <summary>The gateway did not take the volume in time. The request is withdrawn; the owner goes on, or again.</summary>
    NotTaken,
}

/// <summary>
/// Moves a volume by saying which gateway is wanted; its owner sees that and hands over, and the wanted one sees it free.
/// </summary>
internal sealed class VolumeMove(IControlPlane control, string volume, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);

    public async Task<MoveOutcome> RunAsync(string gateway, CancellationToken cancellation)
    {
        var before = await control.ReadAsync(VolumeKeys.PlacementOf(volume), cancellation);
        var owner = await ReadAsync<OwnerPresence>(VolumeKeys.OwnerOf(volume), cancellation);
        if (owner?.Gateway != gateway)
        {
            var standby = await ReadAsync<StandbyPresence>(VolumeKeys.StandbyOf(volume, gateway), cancellation);
            if (standby is null) return MoveOutcome.NotThere;
            if (!standby.Ready) return MoveOutcome.NotReady;
        }

        var wish = await control.CompareAndSetAsync(
            VolumeKeys.PlacementOf(volume), before?.Version ?? 0, ControlJson.Write(new Placement(gateway)), cancellation);
        if (wish is null) return MoveOutcome.Overtaken;
        if (owner?.Gateway == gateway || await IsServedByAsync(gateway, cancellation)) return MoveOutcome.Moved;

        await WithdrawAsync(wish.Version, before, cancellation);
        return MoveOutcome.NotTaken;
    }

    private async Task<TValue?> ReadAsync<TValue>(string key, CancellationToken cancellation)
        where TValue : class =>
        await control.ReadAsync(key, cancellation) is { } found ? ControlJson.Read<TValue>(found.Json) : null;

    private async Task<bool> IsServedByAsync(string gateway, CancellationToken cancellation)
    {
        var key = VolumeKeys.OwnerOf(volume);
        using var timeout = new CancellationTokenSource(Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await foreach (var view in control.WatchAsync(key, either.Token))
            {
                var found = view.Values.GetValueOrDefault(key);
                if (found is not null && ControlJson.Read<OwnerPresence>(found.Json)?.Gateway == gateway) return true;
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over.
        }

        return false;
    }

    private async Task WithdrawAsync(long version, ControlValue? before, CancellationToken cancellation)
    {
        var key = VolumeKeys.PlacementOf(volume);
        if (before is null) await control.DeleteAsync(key, version, cancellation);
        else await control.CompareAndSetAsync(key, version, before.Json, cancellation);
    }
}
