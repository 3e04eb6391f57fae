using System.Threading.Channels;

namespace Gateway.Replication.Wire;

/// <summary>Frames on their way out over a stream: encoded at once, written together by one loop.</summary>
/// <remarks>
/// Threading: <see cref="TryPost"/> from any thread; one caller runs <see cref="RunAsync"/>. What is posted while a
/// write is in progress leaves with the next one, so a busy link does few, large writes. Payloads are not
/// copied: their lender keeps them until told.
/// </remarks>
public sealed class FrameOutbox(Stream output, int headBytesMax) : IFrameOutput
{
    private readonly Lock _gate = new();

    // One token says that there is something to write.
    private readonly Channel<bool> _posted = Channel.CreateBounded<bool>(1);
    private Batch _filling = new();
    private bool _closed;
    private string? _failure;

    public bool CarriesPayloadChecksums => true;

    public bool TryPost<TMessage>(
        FrameKind kind, ulong requestId, in TMessage message, LentPayload payload = default, uint payloadCrc = 0)
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
            if (!payload.IsEmpty) _filling.Payloads.Add((heads.Bytes, payload));
            else payload.Release();
        }

        _posted.Writer.TryWrite(true);
        return true;
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        var posted = new Batch();
        lock (_gate) (posted, _filling) = (_filling, posted);
        try
        {
            await WriteAsync(posted, cancellation);
        }
        finally
        {
            posted.Release();
            posted.Heads.Dispose();
        }
    }

    /// <summary>Releases every payload before it returns.</summary>
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

    public void Close()
    {
        lock (_gate) _closed = true;
        _posted.Writer.TryWrite(true);
    }

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
            var (headEnd, payload) = batch.Payloads[batch.Released];
            await output.WriteAsync(batch.Heads.Memory[written..headEnd], cancellation);
            await output.WriteAsync(payload.Bytes, cancellation);
            written = headEnd;
            payload.Release();
        }

        if (written != batch.Heads.Bytes) await output.WriteAsync(batch.Heads.Memory[written..], cancellation);
        await output.FlushAsync(cancellation);
    }

    private sealed class Batch
    {
        public WireWriter Heads { get; } = new(16 << 10);

        public List<(int HeadEnd, LentPayload Payload)> Payloads { get; } = [];

        public int Released { get; set; }

        public void Clear()
        {
            Heads.Clear();
            Payloads.Clear();
            Released = 0;
        }

        public void Release()
        {
            for (; Released < Payloads.Count; Released++) Payloads[Released].Payload.Release();
            Clear();
        }
    }
}
