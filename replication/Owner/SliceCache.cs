using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>Consecutive checked blocks of a slice. Freed when neither the cache nor a reader holds it.</summary>
/// <param name="slice">Whose blocks they are.</param>
/// <param name="start">Offset in the slice; on a block.</param>
/// <param name="content">The bytes, released with the run.</param>
internal sealed class CachedRun(SliceId slice, int start, LentPayload content) : IPayloadLender
{
    private int _references = 1;

    public SliceId Slice { get; } = slice;

    public int Start { get; } = start;

    public int Length { get; } = content.Length;

    public ReadOnlyMemory<byte> Bytes => content.Bytes;

    internal LinkedListNode<CachedRun>? Use { get; set; }

    public void Share() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) content.Release();
    }

    /// <summary>For one more reader, who releases it.</summary>
    public LentPayload Lend()
    {
        Share();
        return new LentPayload(Bytes, this);
    }

    void IPayloadLender.PayloadReleased() => Release();
}

/// <summary>The blocks of slices read last. Slices never change, so nothing in it can be stale.</summary>
/// <remarks>Any thread. Bounded in bytes; the run used longest ago goes first.</remarks>
internal sealed class SliceCache(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(SliceId Slice, int Block), CachedRun> _blocks = [];
    private readonly LinkedList<CachedRun> _uses = new();
    private long _bytes;
    private long _hits;
    private long _misses;

    public long Hits => Interlocked.Read(ref _hits);

    public long Misses => Interlocked.Read(ref _misses);

    public bool Contains(SliceId slice, int offset)
    {
        lock (_gate) return _blocks.ContainsKey((slice, offset / SliceLimits.BlockBytes));
    }

    /// <summary>Copies what one run has from the offset on; 0 when no run covers the offset.</summary>
    public int Copy(SliceId slice, int offset, Span<byte> destination)
    {
        CachedRun? run;
        lock (_gate)
        {
            if (!_blocks.TryGetValue((slice, offset / SliceLimits.BlockBytes), out run))
            {
                _misses++;
                return 0;
            }

            _hits++;
            run.Share();
            _uses.Remove(run.Use!);
            _uses.AddLast(run.Use!);
        }

        var source = run.Bytes.Span[(offset - run.Start)..];
        var copied = Math.Min(source.Length, destination.Length);
        source[..copied].CopyTo(destination);
        run.Release();
        return copied;
    }

    /// <summary>Takes the run over. Blocks that are already here stay with their run.</summary>
    public void Add(CachedRun run)
    {
        List<CachedRun>? evicted = null;
        lock (_gate)
        {
            run.Use = _uses.AddLast(run);
            _bytes += run.Length;
            for (var at = run.Start; at < run.Start + run.Length; at += SliceLimits.BlockBytes)
                _blocks.TryAdd((run.Slice, at / SliceLimits.BlockBytes), run);

            while (_bytes > bytesMax && _uses.First is { } oldest) (evicted ??= []).Add(Evict(oldest.Value));
        }

        if (evicted is null) return;
        foreach (var old in evicted) old.Release();
    }

    private CachedRun Evict(CachedRun run)
    {
        _uses.Remove(run.Use!);
        _bytes -= run.Length;
        for (var at = run.Start; at < run.Start + run.Length; at += SliceLimits.BlockBytes)
        {
            var key = (run.Slice, at / SliceLimits.BlockBytes);
            if (_blocks.TryGetValue(key, out var holder) && holder == run) _blocks.Remove(key);
        }

        return run;
    }
}
