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
    private readonly ControlWatch _exports;
    private readonly ControlWatch _shares;

    /// <param name="control">Of the cluster.</param>
    /// <param name="configured">What the gateway was told at its start.</param>
    /// <param name="server">Begun with what the control plane said then.</param>
    /// <param name="time">Of the pauses between tries.</param>
    /// <param name="logger">Told what counts, and what does not.</param>
    public SharingWatch(IControlPlane control, GatewayOptions configured, FileServer server, TimeProvider time, ILogger logger)
    {
        _exports = Follow(
            ExportsRecord.Key, configured.Exports, SharingRecords.ReadExports, server.ExportAsync, export => export.Path);
        _shares = Follow(
            SharesRecord.Key, configured.Smb.Shares, SharingRecords.ReadShares, server.ShareAsync, share => share.Name);

        ControlWatch Follow<T>(
            string key, IReadOnlyList<T> otherwise, Func<ControlValue, IReadOnlyList<T>> read, Func<IReadOnlyList<T>, Task> apply,
            Func<T, string> name)
        {
            // 0 is of no value: at first, the gateway has what it was configured with.
            var known = 0L;
            return new ControlWatch(control, key, LearnAsync, time, logger);

            async Task LearnAsync(ControlView view, CancellationToken cancellation)
            {
                var value = view.Values.GetValueOrDefault(key);
                var version = value?.Version ?? 0;
                if (version == known) return;

                known = version;
                try
                {
                    var said = value is null ? otherwise : read(value);
                    await apply(said);
                    var source = value is null ? "the configuration" : "the control plane";
                    Log.Follows(logger, key, string.Join(", ", said.Select(name)), source);
                }
                catch (StartException error)
                {
                    Log.RecordNotFollowed(logger, error.Message);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _exports.DisposeAsync();
        await _shares.DisposeAsync();
    }
}
