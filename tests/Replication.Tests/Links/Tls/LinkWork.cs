using Gateway.Replication.Checksums;
using Gateway.Replication.Links;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Links.Tls;

/// <summary>What an owner does over a link.</summary>
internal static class LinkWork
{
    private static ulong _slices;

    /// <summary>Writes a slice, and reads it back.</summary>
    public static async Task WriteAndReadAsync(NodeLink link, FakeNode node, byte[] data)
    {
        var slice = new SliceRef(new SliceId(1, Interlocked.Increment(ref _slices)), data.Length, Crc32C.Compute(data));
        var written = await link.WriteSliceAsync(
            new WriteSliceRequest(Guid.Empty, 1, slice, false), new LentPayload(data, new NoLender()), default);
        Assert.That(written.Reply.Outcome, Is.EqualTo(NodeOutcome.Ok));
        Assert.That(node.Slices[slice.Id].AsSpan().SequenceEqual(data));
        var length = data.Length - data.Length % SliceLimits.BlockBytes;
        if (length == 0) return;
        var read = await link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
            FrameKind.ReadSlice, new ReadSliceRequest(Guid.Empty, slice, 0, length, false, false), default, length);
        Assert.That(read.Payload.Bytes.Span.SequenceEqual(data.AsSpan(0, length)));
        read.Payload.Release();
    }

    private sealed class NoLender : IPayloadLender
    {
        public void PayloadReleased()
        {
        }
    }
}
