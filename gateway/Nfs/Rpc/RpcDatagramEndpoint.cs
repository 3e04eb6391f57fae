using System.Net;
using System.Net.Sockets;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Rpc;

/// <summary>Serves RPC programs over UDP, one datagram per call and per reply: the port mapper, and notices of restarts.</summary>
/// <remarks>
/// Threading: one loop receives. Calls that do not end at once are bounded by <see cref="RunningMax"/>; further
/// datagrams are then dropped, as UDP may.
/// </remarks>
internal sealed class RpcDatagramEndpoint : IAsyncDisposable
{
    private const int DatagramBytesMax = 8800;
    private const int RunningMax = 64;

    private readonly RpcServerState _server;
    private readonly RpcPrograms _programs;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly CredentialCache _credentials = new();
    private readonly Task _loop;
    private int _running;

    /// <summary>Binds the socket and starts. Throws <see cref="SocketException"/> when the port is taken or forbidden.</summary>
    public RpcDatagramEndpoint(RpcServerState server, IPEndPoint listen)
    {
        _server = server;
        _programs = server.Programs.ForDatagrams();
        _socket = new Socket(listen.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (listen.AddressFamily == AddressFamily.InterNetworkV6) _socket.DualMode = listen.Address.Equals(IPAddress.IPv6Any);
            _socket.Bind(listen);
            LocalEndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        _loop = ReceiveAsync();
    }

    public IPEndPoint LocalEndPoint { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = GC.AllocateUninitializedArray<byte>(DatagramBytesMax, pinned: true);
        var any = new IPEndPoint(
            LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, any, _stop.Token);
                var reached = new IPEndPoint(received.PacketInformation.Address, LocalEndPoint.Port);
                Serve(buffer.AsSpan(0, received.ReceivedBytes), (IPEndPoint)received.RemoteEndPoint, reached);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP error about an earlier reply, or a datagram longer than any call: nobody to tell.
            }
        }
    }

    private void Serve(ReadOnlySpan<byte> datagram, IPEndPoint remote, IPEndPoint reached)
    {
        if (datagram.IsEmpty || Volatile.Read(ref _running) >= RunningMax) return;

        var call = _server.Contexts.Rent();
        call.ReserveRequest(datagram.Length);
        datagram.CopyTo(call.RequestFree);
        call.AdvanceRequest(datagram.Length);
        call.Peer = new RpcPeer(0, remote, reached, isDatagram: true);
        call.Aborted = _stop.Token;
        switch (_programs.Route(call, _credentials, out var program))
        {
            case RpcRouting.Program:
                Interlocked.Increment(ref _running);
                call.Counters?.Count(call.Procedure);
                call.Run(program!, (ended, status, error) =>
                {
                    Interlocked.Decrement(ref _running);
                    if (error is not null) _server.ReportFailure(ended, error);
                    Answer(ended, ended.Seal(status), remote);
                });
                break;

            case RpcRouting.Answered:
                Answer(call, send: true, remote);
                break;

            default:
                _server.Contexts.Return(call);
                break;
        }
    }

    private void Answer(RpcContext call, bool send, IPEndPoint remote)
    {
        try
        {
            // A datagram needs no record mark.
            if (send) _socket.SendTo(call.Output.Record.AsSpan(RecordMark.Bytes), remote);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // As good as a lost datagram: the caller asks again.
        }

        _server.Contexts.Return(call);
    }
}
