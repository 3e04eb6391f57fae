using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>One copy that is missing, damaged or different.</summary>
/// <param name="Node">The node that has it, or should; "rows" for a spilled slice's rows at the owner.</param>
/// <param name="What">"slice 3.17" or "entry 4711".</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record VerifyDifference(string Node, string What, string Problem)
{
    /// <summary>More are not reported.</summary>
    public const int CountMax = 1000;
}

/// <summary>What a verification read, and what it found.</summary>
public sealed record VerifyResult
{
    public required long SlicesChecked { get; init; }

    /// <summary>
    /// Those of them whose bytes ride in the journal too, because too few nodes had them: their rows were checked as well.
    /// </summary>
    public long SlicesSpilled { get; init; }

    public required long EntriesChecked { get; init; }

    public required long BytesRead { get; init; }

    /// <summary>At most <see cref="VerifyDifference.CountMax"/>.</summary>
    public required IReadOnlyList<VerifyDifference> Differences { get; init; }

    public bool Clean => Differences.Count == 0;
}

/// <summary>
/// Reads every copy of every live slice and journal entry from the nodes' media, and compares them; of spilled slices the
/// rows too.
/// </summary>
internal sealed class Verify(
    VolumeIdentity volume, VolumePeers peers, IVolumeStore store, TimeProvider time)
{
    private const int SlicesPerRequest = 64;

    // A node reads them all before it answers.
    private const int BytesPerRequest = 32 << 20;

    private static readonly TimeSpan ArrivalPause = TimeSpan.FromSeconds(1);

    private readonly Differences _differences = new();
    private long _slices;
    private long _spilled;
    private long _bytes;

    /// <param name="only">The slices to look at; null for all live ones and the journal.</param>
    /// <param name="commitIndex">The journal is compared up to here.</param>
    public async Task<VerifyResult> RunAsync(
        IEnumerable<SliceRef>? only, ulong commitIndex, CancellationToken cancellation)
    {
        var entries = 0L;
        foreach (var peer in peers.Voters.Where(peer => !peer.IsUp)) _differences.Note(peer, "node", "does not answer");
        if (only is not null)
        {
            foreach (var batch in only.Chunk(SlicesPerRequest))
            {
                foreach (var piece in Pieces(batch)) await CompareSlicesAsync(piece, cancellation);
            }
        }
        else
        {
            await CompareAllSlicesAsync(cancellation);
            entries = await new JournalVerify(volume.Volume, [.. peers.Voters], _differences, time)
                .RunAsync(commitIndex, cancellation);
        }

        return new VerifyResult
        {
            SlicesChecked = _slices,
            SlicesSpilled = _spilled,
            EntriesChecked = entries,
            BytesRead = _bytes,
            Differences = _differences.Found,
        };
    }

    private async Task CompareAllSlicesAsync(CancellationToken cancellation)
    {
        var batch = new SliceRef[SlicesPerRequest];
        SliceId? last = null;
        while (true)
        {
            // A new snapshot for each piece: an old one would pin pages for as long as everything is read.
            int count;
            using (var snapshot = store.OpenSnapshot()) count = SystemRows.ReadLiveSlices(snapshot, last, batch);
            if (count == 0) return;
            last = batch[count - 1].Id;
            foreach (var piece in Pieces(batch[..count])) await CompareSlicesAsync(piece, cancellation);
        }
    }

    private async Task CompareSlicesAsync(SliceRef[] slices, CancellationToken cancellation)
    {
        var ids = Array.ConvertAll(slices, slice => slice.Id);
        _slices += slices.Length;
        CheckSpilled(slices);
        await Task.WhenAll(peers.Data.Where(peer => peer.IsUp).Select(CompareAsync));

        async Task CompareAsync(NodePeer peer)
        {
            var copies = await peer.VerifySlicesAsync(volume.Volume, ids, cancellation);
            if (copies is not null && copies.Any(copy => copy.Outcome == NodeOutcome.Absent))
            {
                // The slowest node may get a new slice a moment later than the others: that is no difference.
                await Task.Delay(ArrivalPause, time, cancellation);
                copies = await peer.VerifySlicesAsync(volume.Volume, ids, cancellation);
            }

            if (copies is null)
            {
                _differences.Note(peer, "node", "does not answer");
                return;
            }

            for (var at = 0; at < slices.Length; at++) Compare(peer, slices[at], copies[at]);
        }
    }

    // What refers to a slice comes after all of its rows, and they go all at once.
    private void CheckSpilled(SliceRef[] slices)
    {
        using var snapshot = store.OpenSnapshot();
        foreach (var slice in slices)
        {
            if (!SpilledRows.AreThere(snapshot, slice.Id)) continue;
            _spilled++;
            if (!SpilledRows.AreIntact(snapshot, slice))
                _differences.Note("rows", $"slice {slice.Id}", "is spilled, and its rows are damaged");
        }
    }

    /// <summary>Pieces that a node reads in one request.</summary>
    internal static IEnumerable<SliceRef[]> Pieces(SliceRef[] slices)
    {
        var (start, bytes) = (0, 0);
        for (var at = 0; at < slices.Length; at++)
        {
            if (bytes != 0 && bytes + slices[at].Length > BytesPerRequest)
            {
                yield return slices[start..at];
                (start, bytes) = (at, 0);
            }

            bytes += slices[at].Length;
        }

        if (start < slices.Length) yield return slices[start..];
    }

    private void Compare(NodePeer peer, SliceRef slice, SliceCopy copy)
    {
        Interlocked.Add(ref _bytes, copy.Length);
        var problem = copy.Outcome switch
        {
            NodeOutcome.Absent => IsSpilled(slice.Id) ? "is missing, and rides in the journal" : "is missing",
            NodeOutcome.Ok when copy.Length != slice.Length => $"has {copy.Length} bytes instead of {slice.Length}",
            NodeOutcome.Ok when copy.Crc32C == slice.Crc32C => null,
            _ => $"is damaged: CRC-32C {copy.Crc32C:x8} instead of {slice.Crc32C:x8}",
        };

        // It may have been freed since the snapshot.
        if (problem is not null && IsLive(slice.Id)) _differences.Note(peer, $"slice {slice.Id}", problem);
    }

    private bool IsSpilled(SliceId slice)
    {
        using var snapshot = store.OpenSnapshot();
        return SpilledRows.AreThere(snapshot, slice);
    }

    private bool IsLive(SliceId slice)
    {
        using var snapshot = store.OpenSnapshot();
        return SystemRows.TryFindLiveSlice(snapshot, slice, out _);
    }
}
