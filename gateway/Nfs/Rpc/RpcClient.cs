using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Rpc;

/// <summary>A connection on which we are the caller: to rpcbind, to a client's lock manager.</summary>
/// <remarks>
/// Threading: one call at a time. A failed or cancelled call leaves the stream out of step: dispose the client then.
/// Every member that talks to the peer throws <see cref="IOException"/> or <see cref="SocketException"/> when it is
/// not there, <see cref="ProtocolViolationException"/> when it answers nonsense.
/// </remarks>
internal sealed class RpcClient : IDisposable
{
    /// <summary>Results longer than this are not worth having for what we ask.</summary>
    private const int ReplyBytesMax = 64 << 10;

    private const int ReservedPortMax = 1023;
    private const int ReservedPortMin = 600;

    private readonly Socket _socket;
    private uint _xid;

    private RpcClient(Socket socket, uint firstXid)
    {
        _socket = socket;
        _xid = firstXid;
    }

    /// <summary>Who we say we are.</summary>
    public RpcCredentials Credentials { get; init; } = RpcCredentials.None;

    /// <summary>Connects over TCP or a local stream socket, depending on the end point.</summary>
    /// <param name="reservedPort">From a port below 1024 if we may: some servers trust only those.</param>
    public static Task<RpcClient> ConnectAsync(
        EndPoint endPoint, RpcCredentials credentials, bool reservedPort, CancellationToken cancellation) =>
        ConnectAsync(endPoint, credentials, reservedPort ? BindReserved : null, cancellation);

    /// <summary>Connects from one of our addresses: some peers listen only to the one they know us by.</summary>
    public static Task<RpcClient> ConnectAsync(
        EndPoint endPoint, RpcCredentials credentials, IPAddress from, CancellationToken cancellation) =>
        ConnectAsync(endPoint, credentials, socket => socket.Bind(new IPEndPoint(from, 0)), cancellation);

    /// <summary>Sends a call and waits for its reply.</summary>
    public async Task<RpcAnswer> CallAsync(
        uint program, uint version, uint procedure, Action<XdrWriter>? arguments, CancellationToken cancellation)
    {
        var xid = await SendAsync(program, version, procedure, arguments, cancellation);
        while (true)
        {
            var record = await ReceiveAsync(cancellation);
            if (!RpcReplyHeader.TryParse(record, out var header))
                throw new ProtocolViolationException("The peer's answer is not a reply.");

            // A reply to an earlier one-way message is not ours.
            if (header.Xid == xid) return new RpcAnswer(header, record.AsMemory(header.HeaderBytes));
        }
    }

    /// <summary>Sends a call that gets no reply, or whose reply does not matter.</summary>
    public async Task<uint> SendAsync(
        uint program, uint version, uint procedure, Action<XdrWriter>? arguments, CancellationToken cancellation)
    {
        var xid = _xid = unchecked(_xid + 1);
        using var writer = new XdrWriter();
        var header = writer.GetSpan(RecordMark.Bytes + RpcBounds.AuthBytesMax + RpcCall.HeaderBytesMin);
        var length = RpcCall.WriteHeader(header[RecordMark.Bytes..], xid, program, version, procedure, Credentials);
        writer.Advance(RecordMark.Bytes + length);
        arguments?.Invoke(writer);
        writer.PatchUInt32(0, 0x8000_0000 | (uint)(writer.Length - RecordMark.Bytes));
        for (var rest = writer.WrittenMemory; rest.Length > 0;)
            rest = rest[await _socket.SendAsync(rest, cancellation)..];
        return xid;
    }

    public void Dispose() => _socket.Dispose();

    private static async Task<RpcClient> ConnectAsync(
        EndPoint endPoint, RpcCredentials credentials, Action<Socket>? bind, CancellationToken cancellation)
    {
        var local = endPoint.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, local ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            if (!local) socket.NoDelay = true;
            if (!local) bind?.Invoke(socket);
            await socket.ConnectAsync(endPoint, cancellation);
            var xid = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));
            return new RpcClient(socket, xid) { Credentials = credentials };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void BindReserved(Socket socket)
    {
        var any = socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any;
        var first = RandomNumberGenerator.GetInt32(ReservedPortMin, ReservedPortMax + 1);
        for (var i = 0; i <= ReservedPortMax - ReservedPortMin; i++)
        {
            var port = ReservedPortMin + ((first - ReservedPortMin + i) % (ReservedPortMax - ReservedPortMin + 1));
            try
            {
                socket.Bind(new IPEndPoint(any, port));
                return;
            }
            catch (SocketException busy) when (busy.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one may be free.
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.AccessDenied)
            {
                // Without the privilege any port has to do.
                return;
            }
        }
    }

    private async Task<byte[]> ReceiveAsync(CancellationToken cancellation)
    {
        var record = Array.Empty<byte>();
        var header = new byte[RecordMark.Bytes];
        while (true)
        {
            await FillAsync(header, cancellation);
            var mark = RecordMark.Read(header);
            if (mark.FragmentBytes > ReplyBytesMax - record.Length || (mark.FragmentBytes == 0 && !mark.Last))
                throw new ProtocolViolationException("The peer's answer is too long.");

            var before = record.Length;
            Array.Resize(ref record, before + mark.FragmentBytes);
            await FillAsync(record.AsMemory(before), cancellation);
            if (mark.Last) return record;
        }
    }

    private async Task FillAsync(Memory<byte> target, CancellationToken cancellation)
    {
        while (target.Length > 0)
        {
            var count = await _socket.ReceiveAsync(target, cancellation);
            if (count == 0) throw new EndOfStreamException("The peer closed the connection.");
            target = target[count..];
        }
    }
}

/// <summary>A reply and its results.</summary>
internal readonly record struct RpcAnswer(RpcReplyHeader Header, ReadOnlyMemory<byte> Results)
{
    public bool Succeeded => Header.Succeeded;
}
