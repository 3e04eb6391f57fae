using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// The bytes of one slice on their way to several nodes: the one copy that is made of them. Shared by the links, and
/// freed when the last of them is done.
/// </summary>
internal sealed class SliceBuffer : IPayloadLender
{
    private const int CopyBytes = 32 << 10;

    private readonly int _bytes;
    private byte[]? _buffer;
    private int _references = 1;

    public SliceBuffer(ReadOnlySpan<byte> data)
    {
        _bytes = data.Length;
        _buffer = PayloadBuffers.Rent(data.Length);

        // Piece by piece, so that the checksum finds the bytes in the processor's cache.
        for (var at = 0; at < data.Length; at += CopyBytes)
        {
            var piece = data.Slice(at, Math.Min(CopyBytes, data.Length - at));
            piece.CopyTo(_buffer.AsSpan(at));
            Crc32C = Checksums.Crc32C.Append(Crc32C, piece);
        }
    }

    public uint Crc32C { get; }

    /// <summary>For one more reader, who releases it.</summary>
    public LentPayload Share()
    {
        Interlocked.Increment(ref _references);
        return new LentPayload(_buffer.AsMemory(0, _bytes), this);
    }

    public void PayloadReleased()
    {
        var left = Interlocked.Decrement(ref _references);
        Invariant.Holds(left >= 0, "a slice's buffer was released too often");
        if (left != 0) return;
        PayloadBuffers.Return(_buffer!);
        _buffer = null;
    }
}
