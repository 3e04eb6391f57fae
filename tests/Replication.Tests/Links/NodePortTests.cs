using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gateway.Replication.Links;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Links;

/// <summary>What only a port that anybody can connect to has to withstand.</summary>
public sealed class NodePortTests
{
    private static readonly LinkTrust Trust = new(ClusterSecret.FromKey(new byte[32]));

    [Test]
    public async Task A_client_that_skips_the_check_is_refused_by_the_node()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Trust);
        using var client = new TcpClient("127.0.0.1", listener.Port);
        var recorder = new RecordingStream(client.GetStream());
        await using var link = new StreamTransport(client.GetStream(), recorder, 1 << 20);
        await LinkHandshake.ConnectAsync(link, Trust, "a", Guid.Empty, default);

        // The very same bytes again: the node's nonce is another one, so the proof is wrong.
        using var replay = new TcpClient("127.0.0.1", listener.Port);
        await replay.GetStream().WriteAsync(recorder.Recorded.ToArray());
        var reader = Reader(replay);
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.Kind, Is.EqualTo(FrameKind.Challenge));
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.Kind, Is.EqualTo(FrameKind.Refusal));
        Assert.That(WireMessages.Decode<Refusal>(reader.Head).Reason, Is.EqualTo(LinkRefusal.Secret));
        Assert.That(await reader.ReadHeadAsync(default), Is.False);
    }

    [Test]
    public async Task Garbage_closes_the_connection()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Trust);
        foreach (var garbage in new[] { new byte[64], "GET / HTTP/1.1\r\nHost: x\r\n\r\nxxxxxxxxxxxxxx"u8.ToArray() })
        {
            using var client = new TcpClient("127.0.0.1", listener.Port);
            await client.GetStream().WriteAsync(garbage);
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            Assert.That(await ReadToEndAsync(client.GetStream(), timeout.Token), Is.Zero);
        }
    }

    [Test, Platform("Linux")]
    public void The_kernel_ends_a_connection_that_nobody_acknowledges()
    {
        const int userTimeout = 18;
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        TcpNodeConnector.EndWhenSilent(socket, TimeSpan.FromSeconds(20));
        Span<byte> milliseconds = stackalloc byte[4];
        Assert.That(socket.GetRawSocketOption((int)SocketOptionLevel.Tcp, userTimeout, milliseconds), Is.EqualTo(4));
        Assert.That(MemoryMarshal.Read<int>(milliseconds), Is.EqualTo(20_000));
        Assert.That(socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive), Is.Not.EqualTo(0));
    }

    private static async Task<int> ReadToEndAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAsync(new byte[100], cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static FrameReader Reader(TcpClient client) => new(client.GetStream(), FrameLimits.HandshakeHeadBytesMax);

    private sealed class RecordingStream(Stream inner) : MemoryStream
    {
        public ConcurrentQueue<byte> Recorded { get; } = new();

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            foreach (var value in buffer.ToArray()) Recorded.Enqueue(value);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
    }
}
