using Gateway.Replication.Journal;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>Keeps the rows of a standby: takes what nodes answer, and restores a checkpoint where the journal begins later.</summary>
/// <remarks>Any thread; one answer after another.</remarks>
internal sealed class StandbyCopy(VolumeSite site, VolumeNews news, ILogger logger) : IDisposable
{
    private static readonly TimeSpan RestorePause = TimeSpan.FromSeconds(1);

    private readonly StandbyRows _rows = new(site.Rows!, site.Options.Store.StateHashEvery);
    private readonly SemaphoreSlim _writing = new(1);
    private long _levelAt = site.Time.GetTimestamp();

    public ulong AppliedIndex => _rows.Applied.Index;

    /// <inheritdoc cref="StandbyRows.Handover"/>
    public JournalEntry? Handover => _rows.Handover;

    /// <summary>Since the rows last had everything that the answering node knew of.</summary>
    public TimeSpan SinceLevel => site.Time.GetElapsedTime(Volatile.Read(ref _levelAt));

    public async Task TakeAsync(TailReply reply, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            if (AppliedIndex < reply.Base.Index) await RestoreAsync(reply.Base, cancellation);
            else _rows.Apply(reply.Entries.Span);
            if (AppliedIndex >= reply.CommitHint) Volatile.Write(ref _levelAt, site.Time.GetTimestamp());
        }
        catch (InvariantException wrong)
        {
            StandbyLog.Diverged(logger, site.Options.Volume, wrong.Message);
            _rows.Replaced();
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    // The journal no longer reaches back to the rows: a checkpoint that it names does.
    private async Task RestoreAsync(LogBase oldest, CancellationToken cancellation)
    {
        var record = news.Record;
        var volume = new VolumeIdentity(record.VolumeId, record.Epoch);
        var slices = new SliceClient(
            volume, site.Peers, new OwedSlices(), new SpilledSlices(site.Rows!), site.Options, site.Time);
        var search = new CheckpointSearch(site.Peers, new TailReading(record, site.Time));
        try
        {
            await new RowRebuild(search, slices, logger).RestoreAsync(oldest, site.Rows!, cancellation);
            _rows.Replaced();
        }
        catch (VolumeLostException missing)
        {
            StandbyLog.NotRestored(logger, site.Options.Volume, missing.Message);
            await Task.Delay(RestorePause, site.Time, cancellation);
        }
    }
}
