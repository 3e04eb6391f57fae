using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>
/// Follows what is exported and shared while the gateway serves: what the control plane says, or, where that says nothing any more, what
/// the gateway was configured with. A record that cannot be read, or makes no sense, changes nothing.
/// </summary>
internal sealed class SharingWatch : IAsyncDisposable
{
    private readonly GatewayOptions _configured;
    private readonly FileServer _server;
    private readonly ILogger _logger;
    private readonly ControlWatch _exports;
    private readonly ControlWatch _shares;

    // 0 is of no value: at first, the gateway has what it was configured with.
    private long _exportsVersion;
    private long _sharesVersion;

    /// <param name="control">Of the cluster.</param>
    /// <param name="configured">What the gateway was told at its start.</param>
    /// <param name="server">Begun with what the control plane said then.</param>
    /// <param name="time">Of the pauses between tries.</param>
    /// <param name="logger">Told what counts, and what does not.</param>
    public SharingWatch(IControlPlane control, GatewayOptions configured, FileServer server, TimeProvider time, ILogger logger)
    {
        (_configured, _server, _logger) = (configured, server, logger);
        _exports = new ControlWatch(control, ExportsRecord.Key, LearnExportsAsync, time, logger);
        _shares = new ControlWatch(control, SharesRecord.Key, LearnSharesAsync, time, logger);
    }

    public async ValueTask DisposeAsync()
    {
        await _exports.DisposeAsync();
        await _shares.DisposeAsync();
    }

    private async Task LearnExportsAsync(ControlView view)
    {
        var value = view.Values.GetValueOrDefault(ExportsRecord.Key);
        var version = value?.Version ?? 0;
        if (version == _exportsVersion) return;

        _exportsVersion = version;
        try
        {
            var exports = value is null ? _configured.Exports : SharingRecords.ReadExports(value);
            await _server.ExportAsync(exports);
            Log.Follows(_logger, ExportsRecord.Key, string.Join(", ", exports.Select(export => export.Path)), SourceOf(value));
        }
        catch (StartException error)
        {
            Log.RecordNotFollowed(_logger, error.Message);
        }
    }

    private async Task LearnSharesAsync(ControlView view)
    {
        var value = view.Values.GetValueOrDefault(SharesRecord.Key);
        var version = value?.Version ?? 0;
        if (version == _sharesVersion) return;

        _sharesVersion = version;
        try
        {
            var shares = value is null ? _configured.Smb.Shares : SharingRecords.ReadShares(value);
            await _server.ShareAsync(shares);
            Log.Follows(_logger, SharesRecord.Key, string.Join(", ", shares.Select(share => share.Name)), SourceOf(value));
        }
        catch (StartException error)
        {
            Log.RecordNotFollowed(_logger, error.Message);
        }
    }

    private static string SourceOf(ControlValue? value) => value is null ? "the configuration" : "the control plane";
}
