using System.CommandLine;
using Gateway.Cli;
using Gateway.Hosting;
using Gateway.Replication.Control;
using Microsoft.Extensions.Configuration;
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

    /// <summary>The records of what a configuration file says, by their keys.</summary>
    /// <exception cref="SettingException">It says neither, or what makes no sense.</exception>
    public static IReadOnlyList<(string Key, string Json)> Read(SettingSources sources, ParseResult parse)
    {
        var records = new List<(string Key, string Json)>();
        if (sources.File!.GetSection(ExportsRecord.Key).Exists())
        {
            var exports = ExportSettings.Read(sources.File, GatewayProcess.VolumeName);
            records.Add((ExportsRecord.Key, ClusterJson.Write(new ExportsRecord { Exports = exports }, ClusterJson.Default.ExportsRecord)));
        }

        if (sources.File.GetSection(SharesRecord.Key).Exists())
        {
            var shares = new SmbSettings().Read(parse, sources).Shares;
            records.Add((SharesRecord.Key, ClusterJson.Write(new SharesRecord { Shares = shares }, ClusterJson.Default.SharesRecord)));
        }

        return records.Count > 0
            ? records
            : throw new SettingException("the file has neither \"exports\" nor \"shares\"");
    }

    /// <exception cref="ControlPlaneException">It does not answer.</exception>
    public static async Task SetAsync(IControlPlane control, string key, string json, CancellationToken cancellation)
    {
        while (true)
        {
            var before = await control.ReadAsync(key, cancellation);
            if (await control.CompareAndSetAsync(key, before?.Version ?? 0, json, cancellation) is not null) return;
        }
    }
}
