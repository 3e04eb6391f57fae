using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Wire;

/// <summary>Frames handed over within a process keep the bounds and the endings of frames on a socket.</summary>
public sealed class FramePipeTests
{
    private static readonly byte[] Payload = [1, 2, 3, 4];

    [Test]
    public async Task Heads_are_decoded_and_payloads_handed_over_as_they_are()
    {
        var pipe = Open();
        var lender = new Lender();
        Assert.That(pipe.TryPost(FrameKind.WriteSlice, 5, new Text("head"), new LentPayload(Payload, lender), 77));
        Assert.That(pipe.TryPost(FrameKind.Condition, 6, new Text("")));

        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(pipe.Header, Is.EqualTo(new FrameHeader(4, 0, 5, FrameKind.WriteSlice, Payload.Length, 77)));
        Assert.That(WireMessages.Decode<Text>(pipe.Head).Value, Is.EqualTo("head"));
        var taken = await pipe.TakePayloadAsync(default);
        Assert.That(taken.Bytes.Equals(new ReadOnlyMemory<byte>(Payload)), "the very same memory");
        Assert.That((lender.Taken, lender.Released), Is.EqualTo((1, 0)));

        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(pipe.Header.RequestId, Is.EqualTo(6));
        Assert.That(lender.Released, Is.Zero, "it is the taker's to release");
        taken.Release();
        Assert.That(lender.Released, Is.EqualTo(1));
    }

    [Test]
    public async Task A_payload_nobody_takes_is_released_when_the_reader_goes_on()
    {
        var pipe = Open();
        var lender = new Lender();
        pipe.TryPost(FrameKind.WriteSlice, 1, new Text("a"), new LentPayload(Payload, lender));
        pipe.TryPost(FrameKind.Condition, 2, new Text("b"));
        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(lender.Released, Is.Zero);
        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(lender.Released, Is.EqualTo(1));
    }

    [Test]
    public async Task A_reader_that_waits_runs_where_the_frame_is_posted()
    {
        var pipe = Open();
        var reading = ReadAsync();
        pipe.TryPost(FrameKind.Condition, 1, new Text("a"));
        Assert.That(reading.IsCompleted, "within the post");
        Assert.That(await reading, Is.EqualTo(Environment.CurrentManagedThreadId));

        async Task<int> ReadAsync()
        {
            await pipe.ReadHeadAsync(default).ConfigureAwait(false);
            return Environment.CurrentManagedThreadId;
        }
    }

    [Test]
    public async Task A_poster_is_let_go_after_some_frames()
    {
        var pipe = Open();
        var read = 0;
        var blocked = new ManualResetEventSlim();
        var reading = Task.Run(async () =>
        {
            // Each frame brings the next one: without a bound the first poster would never return.
            while (await pipe.ReadHeadAsync(default) && ++read < 1000)
            {
                pipe.TryPost(FrameKind.Condition, 1, new Text("more"));
                if (read == 500) blocked.Wait();
            }
        });
        pipe.TryPost(FrameKind.Condition, 1, new Text("first"));
        blocked.Set();
        await reading.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That(read, Is.EqualTo(1000));
    }

    [Test]
    public async Task More_than_the_bound_is_refused_and_stays_the_posters()
    {
        var pipe = new FramePipe(100) { HeadBytesMax = 1000 };
        var lender = new Lender();
        Assert.That(pipe.TryPost(FrameKind.Condition, 1, new Text(new string('x', 200))), "the first, whatever its size");
        Assert.That(pipe.TryPost(FrameKind.WriteSlice, 2, new Text(""), new LentPayload(Payload, lender)), Is.False);
        Assert.That(lender.Released, Is.Zero);

        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(pipe.TryPost(FrameKind.WriteSlice, 2, new Text(""), new LentPayload(Payload, lender)));
    }

    [Test]
    public void A_head_beyond_the_readers_bound_is_a_violation()
    {
        var pipe = new FramePipe(1 << 20);
        pipe.TryPost(FrameKind.Hello, 0, new Text(new string('x', FrameLimits.HandshakeHeadBytesMax + 1)));
        Assert.That(async () => await pipe.ReadHeadAsync(default), Throws.TypeOf<WireViolationException>());
    }

    [Test]
    public async Task What_was_posted_before_the_close_is_read_and_then_the_end()
    {
        var pipe = Open();
        pipe.TryPost(FrameKind.Condition, 1, new Text("a"));
        pipe.Close();
        Assert.That(pipe.TryPost(FrameKind.Condition, 2, new Text("b")), Is.False);
        Assert.That(await pipe.ReadHeadAsync(default));
        Assert.That(await pipe.ReadHeadAsync(default), Is.False);
        await pipe.RunAsync(default);
    }

    [Test]
    public async Task A_close_wakes_the_reader_and_so_does_cancellation()
    {
        var closed = Open();
        var reading = closed.ReadHeadAsync(default).AsTask();
        closed.Close();
        Assert.That(await reading, Is.False);

        using var cancellation = new CancellationTokenSource();
        var waiting = Open().ReadHeadAsync(cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_reader_that_leaves_releases_everything_and_the_sender_learns_of_it()
    {
        var pipe = Open();
        var lenders = new[] { new Lender(), new Lender(), new Lender() };
        var sending = pipe.RunAsync(default);
        foreach (var lender in lenders)
            pipe.TryPost(FrameKind.WriteSlice, 1, new Text("a"), new LentPayload(Payload, lender));
        Assert.That(await pipe.ReadHeadAsync(default));
        pipe.Abandon();
        Assert.That(lenders.Select(lender => lender.Released), Is.All.EqualTo(1));
        Assert.That(pipe.TryPost(FrameKind.Condition, 2, new Text("b")), Is.False);
        Assert.That(async () => await sending, Throws.TypeOf<IOException>());
    }

    [Test]
    public async Task Many_posters_lose_nothing()
    {
        const int posters = 8;
        const int each = 2000;
        var pipe = Open();
        var seen = new int[posters];
        var reading = Task.Run(async () =>
        {
            for (var at = 0; at < posters * each; at++)
            {
                Assert.That(await pipe.ReadHeadAsync(default));
                var poster = (int)(pipe.Header.RequestId >> 32);
                Assert.That((int)(pipe.Header.RequestId & uint.MaxValue), Is.EqualTo(seen[poster]++), "in the poster's order");
            }
        });
        var posting = Enumerable.Range(0, posters).Select(poster => Task.Run(() =>
        {
            for (var at = 0; at < each; at++)
                Assert.That(pipe.TryPost(FrameKind.Condition, (ulong)poster << 32 | (uint)at, new Text("x")));
        }));
        await Task.WhenAll([.. posting, reading]).WaitAsync(TimeSpan.FromSeconds(60));
    }

    private static FramePipe Open() => new(1 << 20) { HeadBytesMax = FrameLimits.HeadBytesMax };

    private readonly record struct Text(string Value) : IWireMessage<Text>
    {
        public void Write(WireWriter writer) => writer.WriteRaw(System.Text.Encoding.ASCII.GetBytes(Value));

        public static Text Read(ref WireReader reader)
        {
            var text = "";
            while (!reader.AtEnd) text += (char)reader.ReadByte();
            return new Text(text);
        }
    }

    private sealed class Lender : IPayloadLender
    {
        public int Taken { get; private set; }

        public int Released { get; private set; }

        public void PayloadTaken() => Taken++;

        public void PayloadReleased() => Released++;
    }
}
