using Gateway.Protocol.Wire;
using Gateway.Sockets;

namespace Gateway.Nfs.Rpc;

/// <summary>
/// Collects the results of one call in contiguous pooled memory, with room for the headers in front. A large READ
/// asks for its whole count with <see cref="XdrWriter.GetMemory"/>: the data then goes to the socket without
/// another copy.
/// </summary>
/// <remarks>Threading: owned by the call. Bounded by <see cref="RpcLimits.ReplyBytesMax"/>.</remarks>
internal sealed class ReplyBuffer : XdrWriter
{
    private const int SmallBytes = 1024;
    private const int Headroom = RecordMark.Bytes + RpcReply.HeaderBytesMax;

    private readonly byte[] _small;
    private int _start = Headroom;
    private int _sealedLength;

    public ReplyBuffer()
        : this(GC.AllocateUninitializedArray<byte>(SmallBytes, pinned: true))
    {
    }

    private ReplyBuffer(byte[] small)
        : base(small, Headroom) => _small = small;

    /// <summary>The whole record with its mark; valid after sealing.</summary>
    internal ArraySegment<byte> Record => new(Buffer, _start, _sealedLength);

    /// <summary>Puts the header of an accepted, successful reply and the record mark in front of the results.</summary>
    internal void SealSuccess(uint xid)
    {
        _start = Headroom - RpcReply.AcceptedBytes - RecordMark.Bytes;
        RpcReply.WriteAccepted(Buffer.AsSpan(_start + RecordMark.Bytes), xid, RpcAcceptStatus.Success);
        WriteMark(RpcReply.AcceptedBytes + Length);
    }

    /// <summary>Discards the results: the whole message is what <paramref name="message"/> holds.</summary>
    internal void Seal(ReadOnlySpan<byte> message)
    {
        _start = 0;
        message.CopyTo(Buffer.AsSpan(RecordMark.Bytes));
        WriteMark(message.Length);
    }

    /// <summary>Back to empty, with only the small buffer.</summary>
    internal void Reset()
    {
        Return(Buffer);
        Restart(_small);
        _start = Headroom;
        _sealedLength = 0;
    }

    protected override byte[] Rent(int needed, int wanted)
    {
        if (needed > RpcLimits.ReplyBytesMax)
            throw new InvalidOperationException($"A reply of {needed} bytes is longer than any record.");

        return TransferBuffers.Shared.Rent(Math.Min(wanted, RpcLimits.ReplyBytesMax));
    }

    protected override void Return(byte[] buffer)
    {
        if (buffer != _small) TransferBuffers.Shared.Return(buffer);
    }

    private void WriteMark(int messageBytes)
    {
        new RecordMark(messageBytes, Last: true).Write(Buffer.AsSpan(_start));
        _sealedLength = RecordMark.Bytes + messageBytes;
    }
}
