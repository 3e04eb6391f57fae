using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>A volume in an epoch of ours, recovered: the epoch can begin.</summary>
internal sealed record TakenVolume(
    VolumeIdentity Identity, OwnerHost Owner, SliceClient Slices, OwedSlices Owed, VolumeStore Store);

/// <summary>
/// Takes an epoch, fences, recovers the journal, and rebuilds the rows when the journal alone does not reach back to
/// them.
/// </summary>
internal sealed class VolumeTaking(
    VolumeAdmission admission,
    VolumePeers peers,
    IRowStore rows,
    ReplicationOptions options,
    TimeProvider time,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<VolumeTaking>();

    /// <summary>
    /// Recovers the journal in the epoch that was taken, and in higher ones until one can begin: a node may know of a higher
    /// one than the record does.
    /// </summary>
    /// <exception cref="VolumeLostException">The volume belongs to another owner, or contradicts itself.</exception>
    public async Task<TakenVolume> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var volume = new VolumeIdentity(admission.Record.VolumeId, admission.Record.Epoch);
            var owed = new OwedSlices();
            var slices = new SliceClient(volume, peers, owed, new SpilledSlices(rows), options, time);
            var owner = CreateOwner();
            var store = new VolumeStore(
                rows, owner, slices, options.Store, time, loggers.CreateLogger<VolumeStore>());
            slices.Spilled.Store = store;
            var reason = await RecoverAsync(owner, store, cancellation);
            if (reason == OwnerStopReason.None) return new TakenVolume(volume, owner, slices, owed, store);

            var (promise, oldest) = (owner.HighestPromise, owner.OldestBase);
            await owner.DisposeAsync();
            await store.DisposeAsync();
            if (reason == OwnerStopReason.BehindTrim)
            {
                var rebuild = new RowRebuild(
                    new CheckpointSearch(peers, new FetchReading(admission.Record, time)), slices, _logger);
                await rebuild.RestoreAsync(oldest, rows, cancellation);
            }
            else
            {
                if (reason != OwnerStopReason.Fenced || !await admission.IsStillOursAsync(cancellation))
                {
                    throw new VolumeLostException($"Volume {options.Volume} cannot be taken: {reason}.")
                    {
                        NeedsPerson = reason == OwnerStopReason.HistoryLost,
                    };
                }

                await admission.TakeEpochAsync(promise, cancellation);
            }
        }
    }

    private static async Task<OwnerStopReason> RecoverAsync(
        OwnerHost owner, VolumeStore store, CancellationToken cancellation)
    {
        try
        {
            return await owner.RecoverAsync(store.Listener, cancellation);
        }
        catch (OperationCanceledException)
        {
            await owner.DisposeAsync();
            await store.DisposeAsync();
            throw;
        }
    }

    private OwnerHost CreateOwner()
    {
        var core = new OwnerCore(new OwnerOptions
        {
            Record = admission.Record,
            Applied = new LogBase(rows.Applied.Index, rows.Applied.Epoch, rows.Applied.Chain),
        });
        return new OwnerHost(core, peers, admission, time, _logger);
    }
}
