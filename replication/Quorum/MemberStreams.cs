namespace Gateway.Replication.Quorum;

/// <summary>
/// The streams of an owner: to the members of its record, and to learners. A slot is the number of a stream and never
/// used twice in an epoch, so that a late reply of a node that left finds nothing.
/// </summary>
/// <remarks>Changed by the owner's loop only. The list is replaced as a whole: other threads may read it.</remarks>
internal sealed class MemberStreams
{
    /// <summary>Nodes that may come and go in one epoch.</summary>
    public const int SlotsMax = 4096;

    private MemberStream[] _streams = [];
    private int _slots;

    public int Count => Volatile.Read(ref _streams).Length;

    /// <summary>No node can be added in this epoch any more.</summary>
    public bool Exhausted => _slots >= SlotsMax;

    /// <summary>The stream of a slot; null when its node has left.</summary>
    public MemberStream? Find(int slot)
    {
        foreach (var stream in Volatile.Read(ref _streams))
            if (stream.Slot == slot) return stream;

        return null;
    }

    public MemberStream? Find(string nodeId)
    {
        foreach (var stream in Volatile.Read(ref _streams))
            if (stream.Member.NodeId == nodeId) return stream;

        return null;
    }

    public MemberStream Add(VolumeMember member)
    {
        Invariant.Holds(!Exhausted, $"More than {SlotsMax} nodes came and went in one epoch.");
        var stream = new MemberStream(_slots++, member);
        Volatile.Write(ref _streams, [.. _streams, stream]);
        return stream;
    }

    public void Remove(MemberStream stream) =>
        Volatile.Write(ref _streams, [.. _streams.Where(other => other != stream)]);

    /// <summary>Those that there are now; later changes are not seen.</summary>
    public ReadOnlySpan<MemberStream>.Enumerator GetEnumerator() =>
        new ReadOnlySpan<MemberStream>(Volatile.Read(ref _streams)).GetEnumerator();
}
