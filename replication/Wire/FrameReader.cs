using Gateway.Replication.Checksums;

namespace Gateway.Replication.Wire;

/// <summary>Cuts a stream into frames and checks their bounds and checksums.</summary>
/// <remarks>
/// One reader at a time. A payload is received straight into the memory it stays in: nothing of it is kept here.
/// </remarks>
public sealed class FrameReader(Stream input, int headBytesMax) : IFrameInput
{
    private const int BufferBytes = 64 << 10;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _headerBytes = new byte[FrameHeader.Bytes];
    private byte[] _head = new byte[512];
    private int _start;
    private int _end;
    private int _payloadLeft;

    public int HeadBytesMax { get; set; } = headBytesMax;

    public FrameHeader Header { get; private set; }

    public ReadOnlyMemory<byte> Head { get; private set; }

    public async ValueTask<bool> ReadHeadAsync(CancellationToken cancellation)
    {
        if (_payloadLeft != 0) await SkipPayloadAsync(cancellation);
        if (_start == _end && !await FillAsync(cancellation)) return false;

        await ReadExactlyAsync(_headerBytes, cancellation);
        if (!FrameHeader.TryRead(_headerBytes, out var header)) throw new WireViolationException("reserved bits set");
        header.Check(HeadBytesMax);
        var head = HeadFor(header);
        await ReadExactlyAsync(head, cancellation);
        if (FrameHeader.ComputeCrc(_headerBytes, head.Span) != header.Crc)
            throw new WireViolationException("a frame's checksum does not match");

        Header = header;
        Head = head;
        _payloadLeft = header.PayloadBytes;
        return true;
    }

    public async ValueTask<LentPayload> TakePayloadAsync(CancellationToken cancellation)
    {
        var buffer = new PayloadBuffer(_payloadLeft);
        try
        {
            await ReadPayloadAsync(buffer.Memory, cancellation);
            return buffer.Lend();
        }
        catch
        {
            buffer.PayloadReleased();
            throw;
        }
    }

    /// <summary>Receives the whole payload of the current frame and checks it.</summary>
    public async ValueTask ReadPayloadAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        if (destination.Length != _payloadLeft) throw new WireViolationException("a payload of unexpected length");

        uint crc = 0;
        while (!destination.IsEmpty)
        {
            var received = await ReadSomeAsync(destination, cancellation);
            crc = Crc32C.Append(crc, destination.Span[..received]);
            destination = destination[received..];
            _payloadLeft -= received;
        }

        if (crc != Header.PayloadCrc) throw new WireViolationException("a payload's checksum does not match");
    }

    public async ValueTask SkipPayloadAsync(CancellationToken cancellation)
    {
        while (_payloadLeft != 0)
        {
            if (_start == _end && !await FillAsync(cancellation)) throw new EndOfStreamException();
            var skipped = Math.Min(_payloadLeft, _end - _start);
            _start += skipped;
            _payloadLeft -= skipped;
        }
    }

    private Memory<byte> HeadFor(in FrameHeader header)
    {
        if (FrameKinds.ToRequest(header.Kind) == FrameKind.Journal) return new byte[header.HeadBytes];
        if (_head.Length < header.HeadBytes) _head = new byte[header.HeadBytes];
        return _head.AsMemory(0, header.HeadBytes);
    }

    private async ValueTask ReadExactlyAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        while (!destination.IsEmpty) destination = destination[await ReadSomeAsync(destination, cancellation)..];
    }

    private async ValueTask<int> ReadSomeAsync(Memory<byte> destination, CancellationToken cancellation)
    {
        if (_start == _end && destination.Length >= BufferBytes)
        {
            var direct = await input.ReadAsync(destination, cancellation);
            return direct != 0 ? direct : throw new EndOfStreamException();
        }

        if (_start == _end && !await FillAsync(cancellation)) throw new EndOfStreamException();
        var copied = Math.Min(destination.Length, _end - _start);
        _buffer.AsMemory(_start, copied).CopyTo(destination);
        _start += copied;
        return copied;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = await input.ReadAsync(_buffer, cancellation);
        return _end != 0;
    }
}
