namespace Gateway.Replication.Wire;

/// <summary>A pooled buffer that whoever was handed it gives back, once.</summary>
/// <param name="bytes">Its length.</param>
/// <param name="leaves">
/// Called once, when the bytes no longer count for the link they were read for: the peer took them, or nobody will.
/// </param>
internal sealed class PayloadBuffer(int bytes, Action<long>? leaves = null) : IPayloadLender
{
    private byte[]? _buffer = PayloadBuffers.Rent(bytes);
    private Action<long>? _leaves = leaves;

    public Memory<byte> Memory => _buffer.AsMemory(0, bytes);

    public LentPayload Lend() => new(Memory, this);

    public void PayloadTaken() => Interlocked.Exchange(ref _leaves, null)?.Invoke(bytes);

    public void PayloadReleased()
    {
        if (Interlocked.Exchange(ref _buffer, null) is not { } buffer) return;
        PayloadBuffers.Return(buffer);
        PayloadTaken();
    }
}
