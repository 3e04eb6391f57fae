using System.Threading.Channels;

namespace Gateway.Replication.Wire;

/// <summary>Who lends a payload to an outbox; told once when its bytes are no longer needed.</summary>
public interface IPayloadLender
{
    /// <summary>
    /// The bytes were handed to the operating system, or the link closed. Any thread; must not block.
    /// </summary>
    void PayloadReleased();
}

/// <summary>Frames on their way out of one link: encoded at once, written together by one loop.</summary>
/// <remarks>
/// Threading: <see cref="TryPost"/> from any thread; one caller runs <see cref="RunAsync"/>. What is posted while a
/// write is in progress leaves with the next one, so a busy link does few, large writes. Payloads are not
/// copied: their lender keeps them until told.
/// </remarks>
public sealed class FrameOutbox(Stream output, int headBytesMax)
{
    private readonly Lock _gate = new();

    // One token says that there is something to write.
    private readonly Channel<bool> _posted = Channel.CreateBounded<bool>(1);
    private Batch _filling = new();
    private bool _closed;
    private string? _failure;

    /// <summary>
    /// Encodes a frame behind those already posted. False when the link is closed or more than the bound would wait:
    /// nothing was posted then, and the lender is not told.
    /// </summary>
    public bool TryPost<TMessage>(
        FrameKind kind,
        ulong requestId,
        in TMessage message,
        ReadOnlyMemory<byte> payload = default,
        uint payloadCrc = 0,
        IPayloadLender? lender = null)
        where TMessage : IWireMessage<TMessage>
    {
        lock (_gate)
        {
            if (_closed) return false;

            var heads = _filling.Heads;
            var start = heads.Bytes;
            heads.Reserve(FrameHeader.Bytes);
            message.Write(heads);

            // A frame is taken when nothing waits, however large: it is within the frame bound.
            if (start != 0 && heads.Bytes > headBytesMax)
            {
                heads.Truncate(start);
                return false;
            }

            FrameHeader.Seal(heads.Written[start..], requestId, kind, payload.Length, payloadCrc);
            if (!payload.IsEmpty) _filling.Payloads.Add(new Lent(heads.Bytes, payload, lender));
            else lender?.PayloadReleased();
        }

        _posted.Writer.TryWrite(true);
        return true;
    }

    /// <summary>
    /// Writes until cancelled, closed, or the stream fails. Releases every payload before it returns.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var writing = new Batch();
        try
        {
            while (true)
            {
                await _posted.Reader.ReadAsync(cancellation);
                bool last;
                lock (_gate)
                {
                    (writing, _filling) = (_filling, writing);
                    if (_failure is not null) throw new IOException(_failure);
                    last = _closed;
                }

                await WriteAsync(writing, cancellation);
                writing.Clear();
                if (last) return;
            }
        }
        finally
        {
            Close();
            writing.Release();
            writing.Heads.Dispose();
            lock (_gate)
            {
                _filling.Release();
                _filling.Heads.Dispose();
            }
        }
    }

    /// <summary>Takes no more frames; what was posted before is still written.</summary>
    public void Close()
    {
        lock (_gate) _closed = true;
        _posted.Writer.TryWrite(true);
    }

    /// <summary>
    /// Takes no more frames and ends <see cref="RunAsync"/> with an <see cref="IOException"/>. Any thread, any time.
    /// </summary>
    public void Fail(string cause)
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            _failure = cause;
        }

        _posted.Writer.TryWrite(true);
    }

    private async ValueTask WriteAsync(Batch batch, CancellationToken cancellation)
    {
        var written = 0;
        for (; batch.Released < batch.Payloads.Count; batch.Released++)
        {
            var lent = batch.Payloads[batch.Released];
            await output.WriteAsync(batch.Heads.Memory[written..lent.HeadEnd], cancellation);
            await output.WriteAsync(lent.Payload, cancellation);
            written = lent.HeadEnd;
            lent.Lender?.PayloadReleased();
        }

        if (written != batch.Heads.Bytes) await output.WriteAsync(batch.Heads.Memory[written..], cancellation);
        await output.FlushAsync(cancellation);
    }

    private readonly record struct Lent(int HeadEnd, ReadOnlyMemory<byte> Payload, IPayloadLender? Lender);

    private sealed class Batch
    {
        public WireWriter Heads { get; } = new(16 << 10);

        public List<Lent> Payloads { get; } = [];

        public int Released { get; set; }

        public void Clear()
        {
            Heads.Clear();
            Payloads.Clear();
            Released = 0;
        }

        public void Release()
        {
            for (; Released < Payloads.Count; Released++) Payloads[Released].Lender?.PayloadReleased();
            Clear();
        }
    }
}
