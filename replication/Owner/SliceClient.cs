using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>The slices of one volume on its nodes, as the store sees them.</summary>
/// <remarks>Any thread. Bounds: see <see cref="ReplicationOptions"/>.</remarks>
internal sealed class SliceClient : ISliceStorage
{
    private readonly VolumeIdentity _volume;
    private readonly VolumePeers _peers;
    private readonly OwedSlices _owed;
    private readonly SliceWrites _writer;
    private readonly SliceReads _reader;
    private readonly SliceDiscards _discards;
    private readonly VolumeSpace _space;

    public SliceClient(
        VolumeIdentity volume,
        VolumePeers peers,
        OwedSlices owed,
        SpilledSlices spilled,
        ReplicationOptions options,
        TimeProvider time)
    {
        (_volume, _peers, _owed, Spilled) = (volume, peers, owed, spilled);
        Fetch = new SliceFetch(volume, peers, owed, spilled, new BlockChecksums(), time);
        Cache = new SliceCache(options.SliceCacheBytes);
        _discards = new SliceDiscards(volume, peers, options, time);
        _writer = new SliceWrites(volume, peers, owed, _discards, spilled, options, time);
        _reader = new SliceReads(Fetch, Cache);
        _space = new VolumeSpace(peers, spilled);
    }

    public SpilledSlices Spilled { get; }

    public SliceFetch Fetch { get; }

    public SliceCache Cache { get; }

    /// <inheritdoc cref="SliceWrites.Written"/>
    public WrittenSlices Written => _writer.Written;

    /// <inheritdoc cref="SliceWrites.LastId"/>
    public SliceId LastId => _writer.LastId;

    /// <summary>For those who ask the nodes.</summary>
    public VolumeSpace KnownSpace => _space;

    public long WrittenBytes => _writer.WrittenBytes;

    public long ReadBytes => _reader.ReadBytes;

    public StoreSpace Space => _space.Current;

    public bool HasEnoughNodes => _peers.HaveEnoughForSlices;

    public ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source, CancellationToken cancellation) =>
        _writer.WriteAsync(data, source, maySpill: true, cancellation);

    public ValueTask<SliceWriteResult> WriteCheckpointSliceAsync(
        ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        _writer.WriteAsync(data, null, maySpill: false, cancellation);

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
}
