using System.CommandLine;
using Gateway.Cli;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Gateway.Replication.Control;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>What is exported and shared, kept for all gateways in the control plane.</summary>
internal static class SharingRecords
{
    /// <summary>The options of a gateway, with what the control plane says in place of the configuration file.</summary>
    /// <exception cref="ControlPlaneException">It does not answer.</exception>
    /// <exception cref="StartException">What it says cannot be read, or makes no sense.</exception>
    public static async Task<GatewayOptions> ApplyAsync(
        IControlPlane control, GatewayOptions options, ILogger logger, CancellationToken cancellation)
    {
        var kinds = new List<string>();
        if (await control.ReadAsync(ExportsRecord.Key, cancellation) is { } exports)
        {
            options = options with { Exports = ReadExports(exports) };
            kinds.Add(ExportsRecord.Key);
        }

        if (await control.ReadAsync(SharesRecord.Key, cancellation) is { } shares)
        {
            options = options with { Smb = options.Smb with { Shares = ReadShares(shares) } };
            kinds.Add(SharesRecord.Key);
        }

        if (kinds.Count > 0) Log.ServesWhatControlPlaneSays(logger, string.Join(", ", kinds));
        return options;
    }

    /// <exception cref="StartException">It cannot be read, or makes no sense.</exception>
    public static IReadOnlyList<ExportOptions> ReadExports(ControlValue value)
    {
        var exports = ClusterJson.Read(ExportsRecord.Key, value, ClusterJson.TypeWithDefaults<ExportsRecord>()).Exports;
        try
        {
            if (exports.Any(export => export is null || export.Clients.Any(client => client is null)))
                throw new ExportException("one of them, or of their clients, is null");

            ExportTable.Check(exports, _ => true);
            return exports;
        }
        catch (ExportException error)
        {
            throw new StartException($"{ExportsRecord.Key} in the control plane: {error.Message}", error);
        }
    }

    /// <exception cref="StartException">It cannot be read, or makes no sense.</exception>
    public static IReadOnlyList<ShareOptions> ReadShares(ControlValue value)
    {
        var shares = ClusterJson.Read(SharesRecord.Key, value, ClusterJson.TypeWithDefaults<SharesRecord>()).Shares;
        var problem = shares.Any(share => share is null || share.Hide.Any(pattern => pattern is null))
            ? "one of them, or of the names they hide, is null"
            : ShareSettings.Problem(shares);
        return problem is null ? shares : throw new StartException($"{SharesRecord.Key} in the control plane: {problem}");
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
