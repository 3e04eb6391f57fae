using System.IO.Pipelines;
using System.Net;
using Gateway.Protocol.Wire;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Nfs.Rpc;

/// <summary>One TCP connection of RPC records: reads calls, runs them at the same time, answers them as they end.</summary>
/// <remarks>
/// Threading: one loop reads, assembles and starts the calls; a call may end on any thread. Reading stops while the
/// connection or the process holds as much as its limits allow, so backpressure reaches the client's socket instead
/// of our memory.
/// </remarks>
internal sealed class RpcConnection : IDisposable
{
    private readonly RpcServerState _server;
    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly RecordAssembler _assembler;
    private readonly RpcReplies _replies;
    private readonly CredentialCache _credentials = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly Action<RpcContext, RpcAcceptStatus, Exception?> _completed;

    // Timestamps for the stall check; 0 when it does not apply.
    private long _partialSince;
    private long _quietSince;
    private volatile bool _stopping;
    private int _aborted;

    public RpcConnection(RpcServerState server, ConnectionContext connection, long id)
    {
        _server = server;
        _connection = connection;
        _input = connection.Transport.Input;
        _assembler = new RecordAssembler(server.Contexts);
        _replies = new RpcReplies(server, connection, Abort);
        _completed = OnCompleted;
        _quietSince = server.Time.GetTimestamp();
        Peer = RpcPeer.Of(connection, id);
    }

    public RpcPeer Peer { get; }

    /// <summary>Serves until the peer closes, breaks the protocol, stalls, or the server stops.</summary>
    /// <remarks>Never throws for the peer's doing.</remarks>
    public async Task RunAsync()
    {
        try
        {
            await ReadAsync();
        }
        catch (ProtocolViolationException violation)
        {
            _server.ReportViolation(Peer, violation.Message);
            Abort();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            Abort();
        }
        finally
        {
            if (_assembler.TakePartial() is { } partial) _server.Discard(partial);

            // A peer that only closed its sending side still gets the replies to what it asked.
            await _replies.DrainAsync();
            Peer.Close();
        }
    }

    /// <summary>Reads no further; what is running ends and is answered.</summary>
    public void Stop()
    {
        _stopping = true;
        _input.CancelPendingRead();
    }

    /// <summary>Ends the connection now; running calls see their token cancelled and their replies are dropped.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) != 0) return;

        Peer.Close();
        _replies.Abort();
        _connection.Abort();
        try
        {
            _abort.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stall check came upon a connection that has just ended by itself.
        }
    }

    /// <summary>Closes a connection that keeps us waiting. Called now and then by the server.</summary>
    public void CheckStall(long now)
    {
        if (_server.IsOver(Volatile.Read(ref _partialSince), now, _server.StallMax))
        {
            _server.ReportStall(Peer, "it stopped in the middle of a record");
            Abort();
        }
        else if (_server.IsOver(_replies.SendingSince, now, _server.StallMax))
        {
            _server.ReportStall(Peer, "it does not take its replies");
            Abort();
        }
        else if (_replies.IsIdle && _server.IsOver(Volatile.Read(ref _quietSince), now, _server.Limits.IdleMax))
        {
            Stop();
        }
    }

    public void Dispose()
    {
        _replies.Dispose();
        _abort.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!_stopping)
        {
            var read = await _input.ReadAsync();
            if (read.IsCanceled) break;

            var rest = read.Buffer;
            var arrived = rest.Length;
            Volatile.Write(ref _quietSince, _server.Time.GetTimestamp());
            Volatile.Write(ref _partialSince, 0);
            while (true)
            {
                var step = _assembler.Advance(ref rest);
                if (step == AssemblyStep.NeedBytes) break;

                if (step == AssemblyStep.NeedRoom)
                    await ReserveAsync();
                else
                    await StartAsync(_assembler.Take());
            }

            _server.Metrics.RpcReceived(arrived - rest.Length);
            var partial = _assembler.InRecord || !rest.IsEmpty;
            _input.AdvanceTo(rest.Start, rest.End);
            _replies.Flush();
            if (partial) Volatile.Write(ref _partialSince, _server.Time.GetTimestamp());
            if (read.IsCompleted) break;
        }
    }

    private ValueTask ReserveAsync()
    {
        var charge = _assembler.Charge;
        if (_replies.HasRoom(charge) && _server.RequestBudget.TryTake(charge))
        {
            _assembler.Reserve();
            return default;
        }

        return WaitAsync(charge);

        async ValueTask WaitAsync(int wanted)
        {
            // Replies that are held back may be what the room waits for.
            _replies.Flush();
            await _replies.RoomAsync(wanted);
            await _server.RequestBudget.TakeAsync(wanted, _abort.Token);
            _assembler.Reserve();
        }
    }

    private ValueTask StartAsync(RpcContext call)
    {
        call.Peer = Peer;
        call.Aborted = _abort.Token;
        var routing = _server.Programs.Route(call, _credentials, out var program);
        if (routing == RpcRouting.Unanswerable)
        {
            _server.Discard(call);
            throw new ProtocolViolationException("A record that is not a call.");
        }

        if (program is null)
        {
            _replies.Admit(call);
            _replies.Answer(call);
            return default;
        }

        var replyBytes = program.ReplyBytesMax(call.Version, call.Procedure, call.Arguments.Span);
        replyBytes = Math.Clamp(replyBytes, 0, RpcLimits.ReplyBytesMax);
        if (_replies.HasRoom(replyBytes) && _server.ReplyBudget.TryTake(replyBytes))
        {
            call.ReplyCharge = replyBytes;
            Start(call, program);
            return default;
        }

        return WaitAsync(call, program, replyBytes);
    }

    private async ValueTask WaitAsync(RpcContext call, IRpcProgram program, int replyBytes)
    {
        try
        {
            _replies.Flush();
            await _replies.RoomAsync(replyBytes);
            await _server.ReplyBudget.TakeAsync(replyBytes, _abort.Token);
        }
        catch (OperationCanceledException)
        {
            _server.Discard(call);
            throw;
        }

        call.ReplyCharge = replyBytes;
        Start(call, program);
    }

    private void Start(RpcContext call, IRpcProgram program)
    {
        call.Counters?.Count(call.Procedure);
        call.StartedTimestamp = _server.Metrics.RpcDuration.Enabled ? _server.Time.GetTimestamp() : 0;
        _replies.Admit(call);
        _replies.BeginHold();
        call.Run(program, _completed);
        _replies.EndHold();
    }

    private void OnCompleted(RpcContext call, RpcAcceptStatus status, Exception? error)
    {
        if (error is OperationCanceledException && _abort.IsCancellationRequested)
            call.Drop();
        else if (error is not null)
            _server.ReportFailure(call, error);

        _server.ReportEnd(call, status);
        if (call.IsDisconnecting) Abort();
        if (call.Seal(status))
            _replies.Answer(call);
        else
            _replies.Forget(call);
    }
}
