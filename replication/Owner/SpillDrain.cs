using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Deletes the rows of spilled slices: when W data nodes have read the slice back from their media, or when no entry can
/// refer to it any more. It alone deletes them; heal brings the slices to the nodes that lack them.
/// </summary>
/// <remarks>
/// One loop, which looks at all spilled slices again and again while there are any, and rests much longer than it looks.
/// </remarks>
internal sealed class SpillDrain(
    TakenVolume taken, SliceReadBack readBack, TimeProvider time, ILogger logger)
{
    private const int SlicesAtOnce = 64;
    private const int RestFactor = 20;

    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);

    private readonly SpilledSlices _spilled = taken.Slices.Spilled;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var had = false;
        while (true)
        {
            // The first look finds what an earlier owner has left.
            var began = time.GetTimestamp();
            if (await LookAsync(cancellation))
            {
                had = true;
                var rest = time.GetElapsedTime(began) * RestFactor;
                await Task.Delay(rest > PauseMin ? rest : PauseMin, time, cancellation);
                continue;
            }

            if (had)
            {
                // The journal could not be trimmed meanwhile.
                Log.SpillDrained(logger);
                taken.Store.RetryCheckpoint();
                had = false;
            }

            await _spilled.WaitAsync(cancellation);
        }
    }

    // True when some are left.
    private async Task<bool> LookAsync(CancellationToken cancellation)
    {
        var (slices, bytes, last) = (0L, 0L, (SliceId?)null);
        var batch = new SliceRef[SlicesAtOnce];
        while (true)
        {
            int count;
            using (var snapshot = taken.Store.OpenSnapshot()) count = SpilledRows.ReadSlices(snapshot, last, batch);
            if (count == 0) break;

            last = batch[count - 1].Id;
            var found = batch[..count];
            var done = FindUnreferenced(found);
            done.AddRange(await readBack.FindDurableAsync([.. found.Except(done)], cancellation));
            if (!await _spilled.DeleteAsync(done, cancellation)) done.Clear();
            slices += count - done.Count;
            bytes += found.Except(done).Sum(slice => (long)slice.Length);
        }

        _spilled.Counted(slices, bytes);
        return slices != 0;
    }

    // The written ones are asked first: what is none of them and not live never is again.
    private List<SliceRef> FindUnreferenced(SliceRef[] slices)
    {
        var settled = Array.FindAll(slices, slice => !taken.Slices.Written.Contains(slice.Id));
        using var snapshot = taken.Store.OpenSnapshot();
        return [.. settled.Where(slice => !SystemRows.TryFindLiveSlice(snapshot, slice.Id, out _))];
    }
}
