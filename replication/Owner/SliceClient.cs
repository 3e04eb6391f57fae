using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>The slices of one volume on its nodes, as the store sees them.</summary>
/// <remarks>Any thread. Bounds: see <see cref="ReplicationOptions"/>.</remarks>
internal sealed class SliceClient : ISliceStorage
{
    /// <summary>Taken to be free until a majority of nodes has told.</summary>
    private const long UnknownBytes = 1L << 30;

    private readonly VolumeIdentity _volume;
    private readonly VolumePeers _peers;
    private readonly OwedSlices _owed;
    private readonly SliceWrites _writer;
    private readonly SliceReads _reader;
    private readonly SliceDiscards _discards;
    private SpaceBox _space = new(new StoreSpace(UnknownBytes, UnknownBytes, UnknownBytes));

    public SliceClient(
        VolumeIdentity volume,
        VolumePeers peers,
        OwedSlices owed,
        ReplicationOptions options,
        TimeProvider time)
    {
        (_volume, _peers, _owed) = (volume, peers, owed);
        Fetch = new SliceFetch(volume, peers, owed, new BlockChecksums(), time);
        Cache = new SliceCache(options.SliceCacheBytes);
        _discards = new SliceDiscards(volume, peers, options, time);
        _writer = new SliceWrites(volume, peers, owed, _discards, options, time);
        _reader = new SliceReads(Fetch, Cache);
    }

    public SliceFetch Fetch { get; }

    public SliceCache Cache { get; }

    /// <inheritdoc cref="SliceWrites.Written"/>
    public WrittenSlices Written => _writer.Written;

    /// <inheritdoc cref="SliceWrites.LastId"/>
    public SliceId LastId => _writer.LastId;

    public long WrittenBytes => _writer.WrittenBytes;

    public long ReadBytes => _reader.ReadBytes;

    /// <summary>What the majority-th best node can take: a write needs that many.</summary>
    public StoreSpace Space => Volatile.Read(ref _space).Space;

    public ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source, CancellationToken cancellation) =>
        _writer.WriteAsync(data, source, cancellation);

    public ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation) =>
        _reader.ReadAsync(slice, offset, destination, cancellation);

    public ValueTask<StoreOutcome> VerifySliceAsync(SliceRef slice, CancellationToken cancellation) =>
        new ReplicaCheck(_volume, _peers).VerifyAsync(slice, cancellation);

    public void Discard(ReadOnlySpan<SliceId> slices)
    {
        _owed.Forget(slices);
        foreach (var slice in slices) Written.Forget(slice);
        _discards.Note(slices);
    }

    /// <summary>Sends the discards that have waited long enough.</summary>
    public Task SendDiscardsAsync(CancellationToken cancellation) => _discards.SendDueAsync(cancellation);

    /// <summary>Takes the nodes' latest words on their space.</summary>
    public void UpdateSpace()
    {
        if (NodeSpace.Decide(_peers.SliceNodes) is { } space) Volatile.Write(ref _space, new SpaceBox(space));
    }

    private sealed record SpaceBox(StoreSpace Space);
}
