using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A pooled buffer that counts against a budget until its link has sent it.</summary>
internal sealed class LentBuffer(int bytes, ByteBudget budget) : IPayloadLender
{
    private byte[]? _buffer = PayloadBuffers.Rent(bytes);

    public Memory<byte> Memory => _buffer.AsMemory(0, bytes);

    public void PayloadReleased()
    {
        if (Interlocked.Exchange(ref _buffer, null) is not { } buffer) return;
        PayloadBuffers.Return(buffer);
        budget.Give(bytes);
    }
}
