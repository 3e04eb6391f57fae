using System.IO.Pipelines;

namespace Gateway.Smb.Connections;

/// <summary>Reads the messages of one connection.</summary>
/// <remarks>
/// Threading: one loop. It stops while the connection or the process holds as much as its limits allow, so backpressure reaches
/// the client's socket instead of our memory.
/// </remarks>
internal sealed class MessageReader(
    SmbServer server, PipeReader input, ResponseQueue responses, RequestFlow flow, CancellationToken cancellation)
{
    private readonly FrameAssembler _assembler = new(server.Requests);

    // A timestamp for the stall check; 0 when it does not apply.
    private long _partialSince;
    private volatile bool _stopping;

    /// <summary>Since when the peer owes the rest of a message; 0 when it does not.</summary>
    public long PartialSince => Volatile.Read(ref _partialSince);

    /// <summary>Longest message that is taken.</summary>
    public int MessageBytesMax
    {
        set => _assembler.MessageBytesMax = value;
    }

    /// <summary>Reads no further.</summary>
    public void Stop()
    {
        _stopping = true;
        input.CancelPendingRead();
    }

    /// <summary>Reads until the peer closes or the reader is stopped.</summary>
    /// <exception cref="SmbViolationException">The peer does not speak SMB.</exception>
    public async Task RunAsync()
    {
        while (!_stopping)
        {
            var read = await input.ReadAsync();
            if (read.IsCanceled) break;

            var rest = read.Buffer;
            var arrived = rest.Length;
            Volatile.Write(ref _partialSince, 0);
            while (true)
            {
                var step = _assembler.Advance(ref rest);
                if (step == FrameStep.NeedBytes) break;

                if (step == FrameStep.NeedRoom)
                    await ReserveAsync();
                else
                    await flow.AcceptAsync(_assembler.Take(), cancellation);
            }

            server.Metrics.SmbReceived(arrived - rest.Length);
            var partial = _assembler.InFrame || !rest.IsEmpty;
            input.AdvanceTo(rest.Start, rest.End);
            responses.Flush();
            if (partial) Volatile.Write(ref _partialSince, server.Time.GetTimestamp());
            if (read.IsCompleted) break;
        }
    }

    /// <summary>Gives back a message that did not arrive as a whole.</summary>
    public void Close()
    {
        if (_assembler.TakePartial() is { } partial) server.Discard(partial);
    }

    private ValueTask ReserveAsync()
    {
        var charge = _assembler.Charge;
        if (responses.HasRoom(charge) && server.Memory.Requests.TryTake(charge))
        {
            _assembler.Reserve();
            return default;
        }

        return WaitAsync(charge);

        async ValueTask WaitAsync(int wanted)
        {
            // Responses that are held back may be what the room waits for.
            responses.Flush();
            await responses.RoomAsync(wanted);
            await server.Memory.Requests.TakeAsync(wanted, cancellation);
            _assembler.Reserve();
        }
    }
}
