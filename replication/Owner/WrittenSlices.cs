using Gateway.Replication.Slices;

namespace Gateway.Replication.Owner;

/// <summary>
/// The slices of this epoch that were written and are not freed: an entry refers to them, or one may at any moment. When the
/// members change, those too to which none refers yet must come along.
/// </summary>
/// <remarks>Any thread. Of more than <see cref="CountMax"/> the oldest are dropped: nobody refers to them any more.</remarks>
internal sealed class WrittenSlices
{
    public const int CountMax = 200_000;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<SliceId, (SliceRef Slice, bool IsDurable)> _slices = [];

    /// <summary>The slice is about to be sent to the nodes.</summary>
    public void Begin(SliceRef slice)
    {
        lock (_gate)
        {
            _slices[slice.Id] = (slice, false);
            if (_slices.Count > CountMax) _slices.Remove(_slices.First().Key);
        }
    }

    /// <summary>W nodes have it; an entry may refer to it from now on.</summary>
    public void Durable(SliceRef slice)
    {
        lock (_gate)
        {
            if (_slices.ContainsKey(slice.Id)) _slices[slice.Id] = (slice, true);
        }
    }

    /// <summary>Nobody will refer to it: it was not written, or is freed.</summary>
    public void Forget(SliceId slice)
    {
        lock (_gate) _slices.Remove(slice);
    }

    /// <summary>True while a slice up to the given one is on its way to the nodes.</summary>
    public bool AreWriting(SliceId upTo)
    {
        lock (_gate) return _slices.Values.Any(known => !known.IsDurable && known.Slice.Id <= upTo);
    }

    /// <summary>
    /// True while an entry refers to it or may come to; never of an earlier epoch's. One that is not here, and looked up behind
    /// that is not live, is nobody's for ever.
    /// </summary>
    public bool Contains(SliceId slice)
    {
        lock (_gate) return _slices.ContainsKey(slice);
    }

    /// <summary>Those up to the given one.</summary>
    public SliceRef[] UpTo(SliceId last)
    {
        lock (_gate) return [.. _slices.Values.Select(known => known.Slice).TakeWhile(slice => slice.Id <= last)];
    }
}
