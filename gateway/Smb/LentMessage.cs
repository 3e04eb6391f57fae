using Gateway.Replication.Wire;
using Gateway.Sockets;

namespace Gateway.Smb;

/// <summary>
/// The memory of a message whose bytes are on their way to the nodes: it goes back to the pool when the request and the
/// slowest node are done with it. So a WRITE is not copied between its message and the slice.
/// </summary>
/// <remarks>
/// Threading: any. Bounds: what nodes hold beyond the end of a request counts to what they may be behind
/// (<see cref="Replication.Owner.ReplicationOptions.StragglerBytesMax"/>).
/// </remarks>
internal sealed class LentMessage(byte[] buffer, TransferBuffers buffers) : IPayloadSource, IPayloadLender
{
    private int _users = 1;

    public LentPayload Lend(ReadOnlyMemory<byte> bytes)
    {
        Interlocked.Increment(ref _users);
        return new LentPayload(bytes, this);
    }

    /// <summary>By the request, and by each reader.</summary>
    public void PayloadReleased()
    {
        if (Interlocked.Decrement(ref _users) == 0) buffers.Return(buffer);
    }
}
