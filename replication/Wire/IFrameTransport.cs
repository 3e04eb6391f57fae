namespace Gateway.Replication.Wire;

/// <summary>
/// One end of an open link: frames in both directions, between machines or within a process. The protocol on it
/// is the same.
/// </summary>
/// <remarks>Disposing it ends the link for the peer too, and releases every payload that nobody has taken.</remarks>
public interface IFrameTransport : IAsyncDisposable
{
    IFrameInput Input { get; }

    IFrameOutput Output { get; }
}

/// <summary>A link over a connected stream in each direction.</summary>
/// <param name="input">Where the peer's bytes come from.</param>
/// <param name="output">Where ours go.</param>
/// <param name="outboxBytesMax">Heads that may wait for the peer.</param>
/// <param name="connection">Closed with the transport, when it is not the caller's to close.</param>
public sealed class StreamTransport(Stream input, Stream output, int outboxBytesMax, IDisposable? connection = null)
    : IFrameTransport
{
    public IFrameInput Input { get; } = new FrameReader(input, FrameLimits.HandshakeHeadBytesMax);

    public IFrameOutput Output { get; } = new FrameOutbox(output, outboxBytesMax);

    public ValueTask DisposeAsync()
    {
        connection?.Dispose();
        return ValueTask.CompletedTask;
    }
}
