using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Gateway.SmbClient;

/// <summary>One TCP connection that carries messages of any content behind the four bytes of direct TCP. For one thread.</summary>
public sealed class SmbLink : IDisposable
{
    private const int MessageBytesMax = 16 << 20;

    private readonly Socket _socket;

    public SmbLink(IPEndPoint server, TimeSpan? replyMax = null)
        : this(new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp), replyMax) => _socket.Connect(server);

    /// <param name="socket">From now on of this link.</param>
    /// <param name="replyMax">A minute when not given.</param>
    public SmbLink(Socket socket, TimeSpan? replyMax = null)
    {
        _socket = socket;
        _socket.NoDelay = true;
        ReplyMax = replyMax ?? TimeSpan.FromSeconds(60);
    }

    /// <summary>How long <see cref="Receive"/> waits.</summary>
    public TimeSpan ReplyMax
    {
        get => TimeSpan.FromMilliseconds(_socket.ReceiveTimeout);
        set => _socket.ReceiveTimeout = (int)value.TotalMilliseconds;
    }

    public void Send(ReadOnlySpan<byte> message)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(head, message.Length);
        SendRaw([.. head, .. message]);
    }

    /// <summary>Bytes as they are, without a head.</summary>
    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>The next message; null when the server closed the connection.</summary>
    /// <exception cref="IOException">Nothing came in time.</exception>
    public byte[]? Receive()
    {
        Span<byte> head = stackalloc byte[4];
        if (!Fill(head)) return null;

        var length = BinaryPrimitives.ReadInt32BigEndian(head);
        if (length is < 0 or > MessageBytesMax) throw new IOException($"A message of {length} bytes.");
        var message = new byte[length];
        return Fill(message) ? message : null;
    }

    /// <summary>Ends the connection with a reset, as a cable that is pulled does in the end.</summary>
    public void Break()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private bool Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            try
            {
                var count = _socket.Receive(destination);
                if (count == 0) return false;
                destination = destination[count..];
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
            {
                return false;
            }
            catch (SocketException error)
            {
                throw new IOException($"No message from the server: {error.SocketErrorCode}", error);
            }
        }

        return true;
    }
}
