using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>Decodes the requests of one link and hands them to the node.</summary>
/// <remarks>One reader at a time; what is decoded from a head is complete before the reader moves on.</remarks>
internal sealed class NodeDispatch(INodeRequests node, NodeConnection link, FrameReader input)
{
    /// <summary>Bytes of slices on their way in or out of one link.</summary>
    public const int PayloadBytesInFlightMax = 16 << 20;

    private readonly ByteBudget _payloads = new(PayloadBytesInFlightMax);

    /// <summary>Begins the request whose head the reader stands at.</summary>
    public ValueTask BeginAsync(CancellationToken closing)
    {
        var header = input.Header;
        var id = header.RequestId;
        if (header.Kind != FrameKind.WriteSlice && header.PayloadBytes != 0)
            throw new WireViolationException($"{header.Kind} with a payload");

        switch (header.Kind)
        {
            case FrameKind.Journal:
                link.PostJournal(node);
                return ValueTask.CompletedTask;
            case FrameKind.WriteSlice:
                return BeginWriteAsync(header, Decode<WriteSliceRequest>(), closing);
            case FrameKind.ReadSlice:
                return BeginReadAsync(id, Decode<ReadSliceRequest>(), closing);
            case FrameKind.DiscardSlices:
                return BeginAsync(header, Decode<DiscardSlicesRequest>(), node.DiscardSlicesAsync, closing);
            case FrameKind.Inventory:
                return BeginAsync(header, Decode<InventoryRequest>(), node.InventoryAsync, closing);
            case FrameKind.Scrub:
                return BeginAsync(header, Decode<ScrubRequest>(), node.ScrubAsync, closing);
            case FrameKind.VerifySlices:
                return BeginAsync(header, Decode<VerifySlicesRequest>(), node.VerifySlicesAsync, closing);
            case FrameKind.VerifyJournal:
                return BeginAsync(header, Decode<VerifyJournalRequest>(), node.VerifyJournalAsync, closing);
            case FrameKind.Condition:
                return BeginAsync(header, Decode<NodeConditionRequest>(), node.ConditionAsync, closing);
            default:
                throw new WireViolationException($"an unknown request {(ushort)header.Kind}");
        }
    }

    private TMessage Decode<TMessage>()
        where TMessage : IWireMessage<TMessage> => WireMessages.Decode<TMessage>(input.Head);

    private async ValueTask BeginAsync<TRequest, TReply>(
        FrameHeader header, TRequest request, Func<TRequest, CancellationToken, ValueTask<TReply>> run,
        CancellationToken closing)
        where TReply : IWireMessage<TReply>
    {
        await link.EnterAsync(closing);
        link.Observe(CompleteAsync());

        async Task CompleteAsync() => link.Post(header.Kind, header.RequestId, await run(request, closing));
    }

    private async ValueTask BeginWriteAsync(FrameHeader header, WriteSliceRequest request, CancellationToken closing)
    {
        if (header.PayloadBytes != request.Slice.Length || header.PayloadCrc != request.Slice.Crc32C)
            throw new WireViolationException("a slice whose bytes are not those of its reference");

        await _payloads.TakeAsync(header.PayloadBytes, closing);
        var buffer = PayloadBuffers.Rent(header.PayloadBytes);
        var received = buffer.AsMemory(0, header.PayloadBytes);
        try
        {
            await input.ReadPayloadAsync(received, closing);
            await link.EnterAsync(closing);
        }
        catch
        {
            PayloadBuffers.Return(buffer);
            throw;
        }

        link.Observe(CompleteAsync());

        async Task CompleteAsync()
        {
            try
            {
                link.Post(header.Kind, header.RequestId, await node.WriteSliceAsync(request, received, closing));
            }
            finally
            {
                PayloadBuffers.Return(buffer);
                _payloads.Give(received.Length);
            }
        }
    }

    private async ValueTask BeginReadAsync(ulong id, ReadSliceRequest request, CancellationToken closing)
    {
        await _payloads.TakeAsync(request.Length, closing);
        await link.EnterAsync(closing);
        link.Observe(CompleteAsync());

        async Task CompleteAsync()
        {
            var buffer = new LentBuffer(request.Length, _payloads);
            try
            {
                var reply = await node.ReadSliceAsync(request, buffer.Memory, closing);
                if (reply.Outcome == NodeOutcome.Ok) link.Post(FrameKind.ReadSlice, id, reply, buffer.Memory, buffer);
                else link.Post(FrameKind.ReadSlice, id, reply, default, buffer);
            }
            catch
            {
                buffer.PayloadReleased();
                throw;
            }
        }
    }
}
