using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>Tells the cluster that a gateway runs, again and again when that was lost. Nothing depends on it.</summary>
internal sealed class GatewayAnnouncement : IAsyncDisposable
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IControlPlane _control;
    private readonly string _gateway;
    private readonly string _json;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _announcing;

    public GatewayAnnouncement(IControlPlane control, string gateway, string address, TimeProvider time, ILogger logger)
    {
        (_control, _gateway, _time, _logger) = (control, gateway, time, logger);
        _json = ClusterJson.Write(new GatewayRecord { Address = address }, ClusterJson.Default.GatewayRecord);
        _announcing = AnnounceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _announcing;
        _stopping.Dispose();
    }

    private async Task AnnounceAsync()
    {
        var told = "";
        try
        {
            while (true)
            {
                var cause = await TryOnceAsync();
                if (cause != told && cause.Length > 0) Log.NotAnnounced(_logger, _gateway, cause);
                told = cause;
                await Task.Delay(RetryDelay, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }

    /// <summary>Holds the announcement until it is lost.</summary>
    /// <returns>Why there was none; empty when there was.</returns>
    private async Task<string> TryOnceAsync()
    {
        try
        {
            await using var presence = await _control.AnnounceAsync(
                GatewayRecord.Prefix + _gateway, _json, TimeToLive, _stopping.Token);
            if (presence is null) return "one of this name runs, or has ended just now";

            Log.Announced(_logger, _gateway);
            await presence.Lost.WaitAsync(_stopping.Token);
            return "";
        }
        catch (ControlPlaneException error)
        {
            return error.Message;
        }
    }
}
