using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>What is exported and shared, kept for all gateways in the control plane.</summary>
internal static class SharingRecords
{
    /// <summary>The options of a gateway, with what the control plane says in place of the configuration file.</summary>
    /// <exception cref="ControlPlaneException">It does not answer, or what it says cannot be read.</exception>
    public static async Task<GatewayOptions> ApplyAsync(
        IControlPlane control, GatewayOptions options, ILogger logger, CancellationToken cancellation)
    {
        var kinds = new List<string>();
        if (await control.ReadAsync(ExportsRecord.Key, cancellation) is { } exports)
        {
            var record = ClusterJson.Read(ExportsRecord.Key, exports, ClusterJson.Default.ExportsRecord);
            options = options with { Exports = record.Exports };
            kinds.Add(ExportsRecord.Key);
        }

        if (await control.ReadAsync(SharesRecord.Key, cancellation) is { } shares)
        {
            var record = ClusterJson.Read(SharesRecord.Key, shares, ClusterJson.Default.SharesRecord);
            options = options with { Smb = options.Smb with { Shares = record.Shares } };
            kinds.Add(SharesRecord.Key);
        }

        if (kinds.Count > 0) Log.ServesWhatControlPlaneSays(logger, string.Join(", ", kinds));
        return options;
    }
}
