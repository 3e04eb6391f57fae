using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>
/// Follows what is exported while the gateway serves: what the control plane says, or, where that says nothing any more, what
/// the gateway was configured with. A record that cannot be read, or makes no sense, changes nothing.
/// </summary>
internal sealed class SharingWatch : IAsyncDisposable
{
    private readonly GatewayOptions _configured;
    private readonly FileServer _server;
    private readonly ILogger _logger;
    private readonly ControlWatch _exports;
    private long _exportsVersion;

    /// <param name="control">Of the cluster.</param>
    /// <param name="configured">What the gateway was told at its start.</param>
    /// <param name="server">Begun with what the control plane said then.</param>
    /// <param name="time">Of the pauses between tries.</param>
    /// <param name="logger">Told what counts, and what does not.</param>
    public SharingWatch(IControlPlane control, GatewayOptions configured, FileServer server, TimeProvider time, ILogger logger)
    {
        (_configured, _server, _logger) = (configured, server, logger);
        _exports = new ControlWatch(control, ExportsRecord.Key, LearnExportsAsync, time, logger);
    }

    public ValueTask DisposeAsync() => _exports.DisposeAsync();

    // 0 is of no value: at first, the gateway has what it was configured with.
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

    private static string SourceOf(ControlValue? value) => value is null ? "the configuration" : "the control plane";
}
