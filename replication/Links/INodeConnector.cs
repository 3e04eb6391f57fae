using System.Net.Sockets;
using System.Runtime.InteropServices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>How the owner reaches a node: over the network, or within its process.</summary>
public interface INodeConnector
{
    /// <summary>Where the node is, for people.</summary>
    string Address { get; }

    /// <summary>Opens a link, before its handshake.</summary>
    /// <param name="link">What it is for; encrypted when its trust is by certificates.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">The node is not there.</exception>
    /// <exception cref="LinkRefusedException">The node's certificate is not believed.</exception>
    /// <exception cref="SocketException">The node is not reached.</exception>
    ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation);
}

/// <summary>A node that listens on a TCP port.</summary>
public sealed class TcpNodeConnector(string host, int port) : INodeConnector
{
    // <linux/tcp.h>; the runtime has no name for it.
    private const int UserTimeoutOption = 18;

    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(5);

    private readonly int _port = port is > 0 and <= 65535
        ? port
        : throw new ArgumentOutOfRangeException(nameof(port), port, "Not the port of a node.");

    public string Address => $"{host}:{_port}";

    public async ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndWhenSilent(socket, link.RequestTimeout);
            await socket.ConnectAsync(host, _port, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new NetworkStream(socket, ownsSocket: true);
        return link.Trust.Tls is { } tls
            ? await tls.ConnectAsync(stream, link.Node, link.OutboxBytesMax, cancellation)
            : new StreamTransport(stream, stream, link.OutboxBytesMax, stream);
    }

    /// <summary>
    /// Lets the kernel end the connection when the other machine acknowledges nothing for so long. By itself it tries for a
    /// quarter of an hour, while the node may be up again elsewhere; and what has no answer of its own, as heartbeats, is
    /// not missed by anybody else.
    /// </summary>
    internal static void EndWhenSilent(Socket socket, TimeSpan longest)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)QuietMax.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)ProbePause.TotalSeconds);
        if (!OperatingSystem.IsLinux()) return;

        Span<byte> milliseconds = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(milliseconds, (int)longest.TotalMilliseconds);
        socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, UserTimeoutOption, milliseconds);
    }
}
