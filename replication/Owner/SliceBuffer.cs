using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// The bytes of one slice on their way to several nodes: the one copy that is made of them, or those of a source that
/// lends them. Shared by the links, and freed when the last of them is done.
/// </summary>
internal sealed class SliceBuffer : IPayloadLender
{
    private const int CopyBytes = 32 << 10;

    private readonly byte[]? _rented;
    private LentPayload _payload;
    private int _references = 1;

    /// <summary>Copies the bytes.</summary>
    public SliceBuffer(ReadOnlySpan<byte> data)
    {
        _rented = PayloadBuffers.Rent(data.Length);
        _payload = new LentPayload(_rented.AsMemory(0, data.Length), null);

        // Piece by piece, so that the checksum finds the bytes in the processor's cache.
        for (var at = 0; at < data.Length; at += CopyBytes)
        {
            var piece = data.Slice(at, Math.Min(CopyBytes, data.Length - at));
            piece.CopyTo(_rented.AsSpan(at));
            Crc32C = Checksums.Crc32C.Append(Crc32C, piece);
        }
    }

    /// <summary>Takes over the payload, which it releases in the end.</summary>
    public SliceBuffer(LentPayload lent)
    {
        _payload = lent;
        Crc32C = Checksums.Crc32C.Compute(lent.Bytes.Span);
    }

    public uint Crc32C { get; }

    /// <summary>For one more reader, who releases it.</summary>
    public LentPayload Share()
    {
        Interlocked.Increment(ref _references);
        return new LentPayload(_payload.Bytes, this);
    }

    public void PayloadReleased()
    {
        var left = Interlocked.Decrement(ref _references);
        Invariant.Holds(left >= 0, "a slice's buffer was released too often");
        if (left != 0) return;

        var payload = _payload;
        _payload = default;
        if (_rented is null) payload.Release();
        else PayloadBuffers.Return(_rented);
    }
}
