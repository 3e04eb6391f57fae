using Gateway.Hosting;
using Gateway.Replication.Control;
using Gateway.Replication.Standby;

namespace Gateway.Admin;

/// <summary>Makes volumes and moves them between gateways.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class VolumeAdministration(AdminSeal seal, GatewayVolumes volumes, TimeProvider time)
{
    private readonly SealedRequests<VolumeRequest, VolumeAnswer> _requests = new(
        seal, VolumeRequest.Context, time, VolumeRequestJson.Default.VolumeRequest, VolumeRequestJson.Default.VolumeAnswer);

    /// <summary>The sealed answer; null for a request that is not to be answered.</summary>
    public Task<byte[]?> AnswerAsync(byte[] message, CancellationToken cancellation) =>
        _requests.AnswerAsync(message, async request => new VolumeAnswer(await TryAsync(request, cancellation)));

    private async Task<string?> TryAsync(VolumeRequest request, CancellationToken cancellation)
    {
        try
        {
            return await DoAsync(request, cancellation);
        }
        catch (Exception error) when (error is ControlPlaneException or StartException)
        {
            return error.Message;
        }
    }

    // What is wrong with it, or null.
    private async Task<string?> DoAsync(VolumeRequest request, CancellationToken cancellation)
    {
        if (request.Action == VolumeAction.Create) return await volumes.TryCreateAsync(request.Volume, cancellation);
        if (volumes.Find(request.Volume) is not { } seat) return $"there is no volume '{request.Volume}'";
        if (request.Action == VolumeAction.Move)
            return Explain(request, await seat.MoveAsync(request.Gateway, cancellation));

        return seat.TryAbandon() ? null : $"this gateway does not own the volume {request.Volume}";
    }

    private static string? Explain(VolumeRequest request, MoveOutcome outcome) => outcome switch
    {
        MoveOutcome.Moved => null,
        MoveOutcome.NotThere => $"no gateway '{request.Gateway}' stands by for volume {request.Volume}",
        MoveOutcome.NotReady => $"gateway {request.Gateway} has not caught up with volume {request.Volume} yet",
        MoveOutcome.Overtaken => "somebody else has just asked for another move, which counts",
        _ => $"gateway {request.Gateway} did not take volume {request.Volume} in time; its owner goes on",
    };
}
