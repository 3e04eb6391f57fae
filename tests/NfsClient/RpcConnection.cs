using System.Net;
using System.Net.Sockets;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>One TCP connection to an RPC server: records out, records in, nothing in between.</summary>
/// <remarks>
/// For one thread. Sockets block: a client that measures a server shares its processors with it, and this is the
/// cheapest way to talk. Calls gather in one buffer and leave when the caller waits for a reply.
/// </remarks>
public sealed class RpcConnection : IDisposable
{
    /// <summary>Bytes of gathered calls after which they are sent without waiting for a reason.</summary>
    private const int SendBytesMax = 256 << 10;

    private const int ReceiveBytesFirst = 256 << 10;

    private readonly Socket _socket;
    private readonly XdrWriter _calls = new(SendBytesMax + (2 << 20));
    private readonly RpcCredentials _credentials;
    private byte[] _received = new byte[ReceiveBytesFirst];
    private int _start;
    private int _end;

    /// <exception cref="SocketException">Nobody answers there.</exception>
    public RpcConnection(IPEndPoint server, RpcCredentials? credentials = null, TimeSpan? replyMax = null)
        : this(new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp), credentials, replyMax)
    {
        try
        {
            _socket.Connect(server);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <param name="socket">Connected, and from now on of this connection.</param>
    /// <param name="credentials">Those of root when not given.</param>
    /// <param name="replyMax">How long <see cref="Receive"/> waits; a minute when not given.</param>
    public RpcConnection(Socket socket, RpcCredentials? credentials = null, TimeSpan? replyMax = null)
    {
        _credentials = credentials ?? RpcCredentials.Sys(0, 0, [], "client");
        _socket = socket;
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)(replyMax ?? TimeSpan.FromSeconds(60)).TotalMilliseconds;
    }

    /// <summary>Begins a call; the caller writes the arguments behind the header and ends it.</summary>
    public XdrWriter BeginCall(uint xid, uint program, uint version, uint procedure, out int start)
    {
        start = _calls.ReserveUInt32();
        _calls.Advance(RpcCall.WriteHeader(
            _calls.GetSpan(RpcCall.HeaderBytesMin + RpcBounds.AuthBytesMax),
            xid,
            program,
            version,
            procedure,
            _credentials));
        return _calls;
    }

    /// <exception cref="IOException">The connection broke.</exception>
    public void EndCall(int start)
    {
        _calls.PatchUInt32(start, (uint)(_calls.Length - start - RecordMark.Bytes) | 0x8000_0000);
        if (_calls.Length >= SendBytesMax)
            Flush();
    }

    /// <summary>The whole call with its record mark, to be sent as often as a test likes.</summary>
    public byte[] TakeCall(int start)
    {
        _calls.PatchUInt32(start, (uint)(_calls.Length - start - RecordMark.Bytes) | 0x8000_0000);
        var call = _calls.WrittenSince(start).ToArray();
        _calls.Truncate(start);
        return call;
    }

    /// <summary>Sends bytes as they are.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        Flush();
        SendAll(bytes);
    }

    public void Flush()
    {
        if (_calls.Length == 0)
            return;

        SendAll(_calls.WrittenSpan);
        _calls.Truncate(0);
    }

    /// <summary>The next record, alive until the next call of this method. Sends before it waits.</summary>
    /// <exception cref="IOException">The connection broke, or no record came in time.</exception>
    public ReadOnlySpan<byte> Receive()
    {
        var gathered = 0;
        while (true)
        {
            Require(gathered + RecordMark.Bytes);
            var mark = RecordMark.Read(_received.AsSpan(_start + gathered));
            Require(gathered + RecordMark.Bytes + mark.FragmentBytes);
            if (gathered == 0 && mark.Last)
            {
                var record = _received.AsSpan(_start + RecordMark.Bytes, mark.FragmentBytes);
                _start += RecordMark.Bytes + mark.FragmentBytes;
                return record;
            }

            // Takes the mark out, so that the fragments lie together.
            var from = _start + gathered;
            _received.AsSpan(from + RecordMark.Bytes, _end - from - RecordMark.Bytes).CopyTo(_received.AsSpan(from));
            _end -= RecordMark.Bytes;
            gathered += mark.FragmentBytes;
            if (!mark.Last)
                continue;

            var whole = _received.AsSpan(_start, gathered);
            _start += gathered;
            return whole;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _calls.Dispose();
    }

    private void SendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            while (!bytes.IsEmpty)
                bytes = bytes[_socket.Send(bytes)..];
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private void Require(int count)
    {
        if (_end - _start >= count)
            return;

        Flush();
        if (_start + count > _received.Length || _start == _end)
            MakeRoom(count);
        try
        {
            while (_end - _start < count)
            {
                var read = _socket.Receive(_received.AsSpan(_end));
                if (read == 0)
                    throw new IOException("The server closed the connection.");
                _end += read;
            }
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    private void MakeRoom(int count)
    {
        var kept = _received.AsSpan(_start, _end - _start);
        if (count > _received.Length)
        {
            var larger = new byte[Math.Max(count, 2 * _received.Length)];
            kept.CopyTo(larger);
            _received = larger;
        }
        else
        {
            kept.CopyTo(_received);
        }

        _end -= _start;
        _start = 0;
    }
}
