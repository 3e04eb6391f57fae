using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>Decodes the requests of one link and hands them to the node.</summary>
/// <remarks>One reader at a time; what is decoded from a head is complete before the reader moves on.</remarks>
internal sealed class NodeDispatch
{
    /// <summary>Bytes of slices on their way in or out of one link.</summary>
    public const int PayloadBytesInFlightMax = 16 << 20;

    private readonly INodeRequests _node;
    private readonly NodeConnection _link;
    private readonly IFrameInput _input;
    private readonly ByteBudget _payloads = new(PayloadBytesInFlightMax);
    private readonly Action<long> _givePayload;

    public NodeDispatch(INodeRequests node, NodeConnection link, IFrameInput input)
    {
        (_node, _link, _input) = (node, link, input);
        _givePayload = _payloads.Give;
    }

    /// <summary>Begins the request whose head the reader stands at.</summary>
    public ValueTask BeginAsync(CancellationToken closing)
    {
        var header = _input.Header;
        var id = header.RequestId;
        if (header.Kind != FrameKind.WriteSlice && header.PayloadBytes != 0)
            throw new WireViolationException($"{header.Kind} with a payload");

        switch (header.Kind)
        {
            case FrameKind.Journal:
                _link.PostJournal(_node);
                return ValueTask.CompletedTask;
            case FrameKind.WriteSlice:
                return BeginWriteAsync(header, Decode<WriteSliceRequest>(), closing);
            case FrameKind.ReadSlice:
                return BeginReadAsync(id, Decode<ReadSliceRequest>(), closing);
            case FrameKind.DiscardSlices:
                return BeginAsync(header, Decode<DiscardSlicesRequest>(), _node.DiscardSlicesAsync, closing);
            case FrameKind.Inventory:
                return BeginAsync(header, Decode<InventoryRequest>(), _node.InventoryAsync, closing);
            case FrameKind.Scrub:
                return BeginAsync(header, Decode<ScrubRequest>(), _node.ScrubAsync, closing);
            case FrameKind.VerifySlices:
                return BeginAsync(header, Decode<VerifySlicesRequest>(), _node.VerifySlicesAsync, closing);
            case FrameKind.VerifyJournal:
                return BeginAsync(header, Decode<VerifyJournalRequest>(), _node.VerifyJournalAsync, closing);
            case FrameKind.Condition:
                return BeginAsync(
                    header,
                    Decode<NodeConditionRequest>(),
                    (request, _) => new ValueTask<NodeCondition>(_node.Condition(request)),
                    closing);
            default:
                throw new WireViolationException($"an unknown request {(ushort)header.Kind}");
        }
    }

    private TMessage Decode<TMessage>()
        where TMessage : IWireMessage<TMessage> => WireMessages.Decode<TMessage>(_input.Head);

    private async ValueTask BeginAsync<TRequest, TReply>(
        FrameHeader header, TRequest request, Func<TRequest, CancellationToken, ValueTask<TReply>> run,
        CancellationToken closing)
        where TReply : IWireMessage<TReply>
    {
        await _link.EnterAsync(closing);
        _link.Observe(CompleteAsync());

        async Task CompleteAsync() => _link.Post(header.Kind, header.RequestId, await run(request, closing));
    }

    private async ValueTask BeginWriteAsync(FrameHeader header, WriteSliceRequest request, CancellationToken closing)
    {
        if (header.PayloadBytes != request.Slice.Length || header.PayloadCrc != request.Slice.Crc32C)
            throw new WireViolationException("a slice whose bytes are not those of its reference");

        await _payloads.TakeAsync(header.PayloadBytes, closing);
        var received = await TakePayloadAsync(header.PayloadBytes, closing);
        _link.Observe(CompleteAsync());

        async Task CompleteAsync()
        {
            WriteSliceReply reply;
            try
            {
                reply = await _node.WriteSliceAsync(request, received.Bytes, closing);
            }
            finally
            {
                received.Release();
                _payloads.Give(header.PayloadBytes);
            }

            _link.Post(header.Kind, header.RequestId, reply);
        }
    }

    private async ValueTask<LentPayload> TakePayloadAsync(int bytes, CancellationToken closing)
    {
        LentPayload received = default;
        try
        {
            received = await _input.TakePayloadAsync(closing);
            await _link.EnterAsync(closing);
            return received;
        }
        catch
        {
            received.Release();
            _payloads.Give(bytes);
            throw;
        }
    }

    private async ValueTask BeginReadAsync(ulong id, ReadSliceRequest request, CancellationToken closing)
    {
        await _payloads.TakeAsync(request.Length, closing);
        await _link.EnterAsync(closing);
        _link.Observe(CompleteAsync());

        async Task CompleteAsync()
        {
            var buffer = new PayloadBuffer(request.Length, _givePayload);
            ReadSliceReply reply;
            try
            {
                reply = await _node.ReadSliceAsync(request, buffer.Memory, closing);
            }
            catch
            {
                buffer.PayloadReleased();
                throw;
            }

            var isOk = reply.Outcome == NodeOutcome.Ok;
            if (!isOk) buffer.PayloadReleased();
            _link.Post(FrameKind.ReadSlice, id, reply, isOk ? buffer.Lend() : default);
        }
    }
}
