using Gateway.Replication.Journal;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>Scrub and verification: reads what the medium holds and compares it with its checksums.</summary>
internal sealed class NodeInspection(SliceStore slices, JournalThread journal, DiskThreads reads)
{
    /// <summary>One step of a verification on the journal thread, so that appends are not held up.</summary>
    private const int VerifyStepBytes = 2 << 20;

    private const int VerifyStepEntries = 256;

    /// <summary>Behind all slices of a scrub round: only journal entries are left to check.</summary>
    private static readonly SliceId JournalOnly = new(ulong.MaxValue, ulong.MaxValue);

    private ulong _scrubbedIndex;

    public async ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation)
    {
        if (journal.Snapshot.Refusal(request.Volume) is { } refusal) return new ScrubReply(refusal, default, 0, default, 0);

        var bytesMax = Math.Clamp(request.BytesMax, 1, 64 << 20);
        var damaged = new List<SliceId>();
        if (request.From == default) _scrubbedIndex = 0;
        var (next, checkedBytes) = request.From == JournalOnly
            ? (default, 0)
            : await reads.RunAsync(
                () =>
                {
                    var next = slices.Scrub(
                        request.From, bytesMax, FrameLimits.SliceIdsMax, damaged, out var bytes);
                    return (next, bytes);
                },
                cancellation);

        var isJournalDone = false;
        while (checkedBytes < bytesMax && !isJournalDone)
        {
            var (index, bytes) = await journal.InspectAsync(
                log => (log.Scrub(_scrubbedIndex, VerifyStepBytes, out var read), read), cancellation);
            checkedBytes += bytes;
            isJournalDone = index == 0;
            _scrubbedIndex = index;
        }

        if (next == default && !isJournalDone) next = JournalOnly;
        return new ScrubReply(
            NodeOutcome.Ok, next, checkedBytes, damaged.ToArray(), journal.Snapshot.DamagedEntries);
    }

    public async ValueTask<VerifySlicesReply> VerifySlicesAsync(
        VerifySlicesRequest request, CancellationToken cancellation)
    {
        if (journal.Snapshot.Refusal(request.Volume) is { } refusal) return new VerifySlicesReply(refusal, default);

        var copies = await reads.RunAsync(() => VerifySlices(request.Slices.Span), cancellation);
        return new VerifySlicesReply(NodeOutcome.Ok, copies);
    }

    public async ValueTask<VerifyJournalReply> VerifyJournalAsync(
        VerifyJournalRequest request, CancellationToken cancellation)
    {
        if (journal.Snapshot.Refusal(request.Volume) is { } refusal) return new VerifyJournalReply(refusal, default);

        var copies = new List<EntryCopy>();
        var isAtEnd = false;
        while (copies.Count < request.Count && !isAtEnd)
        {
            isAtEnd = await journal.InspectAsync(
                log => VerifyEntries(log, request.From, request.Count, copies), cancellation);
        }

        return new VerifyJournalReply(NodeOutcome.Ok, copies.ToArray());
    }

    private static bool VerifyEntries(JournalLog log, ulong from, int count, List<EntryCopy> copies)
    {
        long bytes = 0;
        for (var step = 0; step < VerifyStepEntries && copies.Count < count && bytes < VerifyStepBytes; step++)
        {
            var index = from + (ulong)copies.Count;
            if (index > log.LastIndex) return true;

            var (presence, entry) = log.Read(index, fromMedium: true);
            copies.Add(entry is null
                ? new EntryCopy(presence, 0, 0, 0)
                : new EntryCopy(presence, entry.Epoch, entry.Chain, entry.PayloadCrc32C));
            bytes += entry?.Payload.Length ?? 0;
        }

        return false;
    }

    private SliceCopy[] VerifySlices(ReadOnlySpan<SliceId> ids)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(SliceLimits.BytesMax);
        var copies = new SliceCopy[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            var stored = slices.Verify(ids[i], buffer);
            copies[i] = new SliceCopy(SliceOutcomes.ToWire(stored.Outcome), stored.Length, stored.Crc32C);
        }

        return copies;
    }
}
