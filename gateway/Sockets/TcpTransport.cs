using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Gateway.Sockets;

/// <summary>How Kestrel listens for the file protocols: raw connections, no HTTP.</summary>
internal static class TcpTransport
{
    /// <summary>Connections the kernel completes while we are busy accepting: a lab of clients mounts at once.</summary>
    private const int Backlog = 1024;

    /// <summary>Serves the connections of the endpoint by <paramref name="handler"/>.</summary>
    public static void UseHandler(this ListenOptions listen, ConnectionHandler handler) =>
        listen.Run(handler.OnConnectedAsync);

    /// <summary>Settings of the socket transport, for all endpoints of the process.</summary>
    public static void Configure(SocketTransportOptions options)
    {
        // The reader runs where the bytes arrive: small calls are answered without a change of thread.
        options.UnsafePreferInlineScheduling = true;
        options.WaitForDataBeforeAllocatingBuffer = true;
        options.NoDelay = true;
        options.Backlog = Backlog;
        options.CreateBoundListenSocket = CreateListenSocket;
    }

    // Accepted sockets inherit the option: a client that vanished without a word is noticed in the end.
    private static Socket CreateListenSocket(EndPoint endpoint)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        return socket;
    }
}
