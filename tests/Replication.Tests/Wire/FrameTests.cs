using Gateway.Replication.Checksums;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Wire;

public sealed class FrameTests
{
    private static readonly byte[] Payload = CreatePayload(1000);

    [Test]
    public async Task Frames_are_read_under_every_split()
    {
        var bytes = await WriteAsync();
        for (var split = 1; split <= bytes.Length; split++)
            await ReadBothAsync(new ChunkedStream(bytes, split, bytes.Length));
    }

    [Test]
    public async Task Frames_are_read_byte_by_byte() =>
        await ReadBothAsync(new ChunkedStream(await WriteAsync(), 1, 1));

    [Test]
    public async Task Every_truncation_is_an_end_inside_a_frame_or_a_clean_end()
    {
        var bytes = await WriteAsync();
        for (var length = 0; length < bytes.Length; length++)
        {
            var stream = new ChunkedStream(bytes[..length], 7, 64);
            var frames = 0;
            var ended = false;
            try
            {
                var reader = new FrameReader(stream, FrameLimits.HeadBytesMax);
                while (await reader.ReadHeadAsync(default))
                {
                    await reader.ReadPayloadAsync(new byte[reader.Header.PayloadBytes], default);
                    frames++;
                }
            }
            catch (EndOfStreamException)
            {
                ended = true;
            }

            Assert.That(frames, Is.LessThan(2));
            Assert.That(ended || length == 0 || frames == 1, $"length {length}");
        }
    }

    [Test]
    public async Task Every_flipped_bit_is_noticed()
    {
        var bytes = await WriteAsync();
        for (var at = 0; at < bytes.Length; at++)
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= (byte)(1 << (at % 8));
            Assert.That(
                async () => await ReadBothAsync(new ChunkedStream(flipped, 100, 100)),
                Throws.TypeOf<WireViolationException>().Or.TypeOf<EndOfStreamException>(), $"byte {at}");
        }
    }

    [Test]
    public async Task An_oversize_head_is_refused_before_anything_is_reserved()
    {
        var header = new byte[FrameHeader.Bytes];
        header[3] = 0x7F;
        var reader = new FrameReader(new MemoryStream(header), FrameLimits.HeadBytesMax);
        Assert.That(async () => await reader.ReadHeadAsync(default), Throws.TypeOf<WireViolationException>());

        var before = new FrameReader(
            new MemoryStream(await WriteAsync(headBytes: 1025)), FrameLimits.HandshakeHeadBytesMax);
        Assert.That(async () => await before.ReadHeadAsync(default), Throws.TypeOf<WireViolationException>());
    }

    [Test]
    public void An_oversize_payload_is_refused()
    {
        var header = new byte[FrameHeader.Bytes];
        FrameHeader.Seal(header, 1, FrameKind.WriteSlice, FrameLimits.PayloadBytesMax + 1, 0);
        var reader = new FrameReader(new MemoryStream(header), FrameLimits.HeadBytesMax);
        Assert.That(async () => await reader.ReadHeadAsync(default), Throws.TypeOf<WireViolationException>());
    }

    [Test]
    public async Task A_payload_nobody_read_is_skipped()
    {
        var reader = new FrameReader(new ChunkedStream(await WriteAsync(), 33, 50), FrameLimits.HeadBytesMax);
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.RequestId, Is.EqualTo(6));
        Assert.That(await reader.ReadHeadAsync(default), Is.False);
    }

    [Test]
    public async Task A_full_outbox_refuses_and_posts_nothing()
    {
        var stream = new MemoryStream();
        var outbox = new FrameOutbox(stream, 100);
        Assert.That(outbox.TryPost(FrameKind.Condition, 1, new Filler(200)), "the first is taken whatever its size");
        Assert.That(outbox.TryPost(FrameKind.Condition, 2, new Filler(10)), Is.False);
        outbox.Close();
        await outbox.RunAsync(default);

        stream.Position = 0;
        var reader = new FrameReader(stream, FrameLimits.HeadBytesMax);
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.RequestId, Is.EqualTo(1));
        Assert.That(await reader.ReadHeadAsync(default), Is.False);
    }

    [Test]
    public void Payloads_are_released_once_when_the_stream_fails()
    {
        var lender = new Lender();
        var outbox = new FrameOutbox(new BrokenStream(), 1 << 20);
        outbox.TryPost(FrameKind.WriteSlice, 1, new Filler(1), new LentPayload(Payload, lender), 1);
        outbox.TryPost(FrameKind.WriteSlice, 2, new Filler(1), new LentPayload(Payload, lender), 1);
        Assert.That(async () => await outbox.RunAsync(default), Throws.TypeOf<IOException>());
        Assert.That(lender.Released, Is.EqualTo(2));
        Assert.That(outbox.TryPost(FrameKind.WriteSlice, 3, new Filler(1), new LentPayload(Payload, lender), 1), Is.False);
    }

    private static byte[] CreatePayload(int bytes)
    {
        var payload = new byte[bytes];
        new Random(3).NextBytes(payload);
        return payload;
    }

    private static async Task<byte[]> WriteAsync(int headBytes = 20)
    {
        var stream = new MemoryStream();
        var outbox = new FrameOutbox(stream, 1 << 20);
        var lender = new Lender();
        outbox.TryPost(FrameKind.WriteSlice, 5, new Filler(headBytes), new LentPayload(Payload, lender), Crc32C.Compute(Payload));
        outbox.TryPost(FrameKind.Journal, 6, new Filler(3));
        outbox.Close();
        await outbox.RunAsync(default);
        Assert.That(lender.Released, Is.EqualTo(1));
        return stream.ToArray();
    }

    private static async Task ReadBothAsync(Stream stream)
    {
        var reader = new FrameReader(stream, FrameLimits.HeadBytesMax);
        Assert.That(await reader.ReadHeadAsync(default));
        if (reader.Header.Kind != FrameKind.WriteSlice || reader.Header.RequestId != 5)
            throw new WireViolationException("other frame");

        var payload = new byte[reader.Header.PayloadBytes];
        await reader.ReadPayloadAsync(payload, default);
        Assert.That(payload.AsSpan().SequenceEqual(Payload));
        WireMessages.Decode<Filler>(reader.Head);
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.RequestId, Is.EqualTo(6));
        Assert.That(await reader.ReadHeadAsync(default), Is.False);
    }

    private readonly record struct Filler(int Length) : IWireMessage<Filler>
    {
        public void Write(WireWriter writer) => writer.Reserve(Length).Fill(0x5A);

        public static Filler Read(ref WireReader reader)
        {
            var count = 0;
            for (; !reader.AtEnd; count++) reader.ReadByte();
            return new Filler(count);
        }
    }

    private sealed class Lender : IPayloadLender
    {
        public int Released { get; private set; }

        public void PayloadReleased() => Released++;
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException(new IOException("broken"));
    }

    /// <summary>Gives its bytes in a first piece and then in pieces of one size.</summary>
    private sealed class ChunkedStream(byte[] bytes, int first, int rest) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var piece = Position == 0 ? first : rest;
            return base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
        }
    }
}
