using System.Net;
using System.Runtime.CompilerServices;
using Gateway.Protocol.Wire;
using Gateway.Sockets;
using Gateway.Telemetry;

namespace Gateway.Nfs.Rpc;

/// <summary>One call in progress. Pooled: it must not be used after the program's task has completed.</summary>
/// <remarks>
/// Threading: owned by the program from dispatch until its task completes, by the connection otherwise.
/// </remarks>
internal sealed class RpcContext
{
    private const int SmallBytes = 1024;

    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBytes, pinned: true);
    private readonly Action _resume;
    private byte[] _request;
    private ConfiguredValueTaskAwaitable<RpcAcceptStatus>.ConfiguredValueTaskAwaiter _running;
    private Action<RpcContext, RpcAcceptStatus, Exception?>? _completed;
    private bool _dropped;
    private RpcAuthStatus _refusal;

    internal RpcContext()
    {
        _request = _small;
        _resume = Resume;
    }

    public uint Xid { get; private set; }

    public uint Program { get; private set; }

    public uint Version { get; private set; }

    public uint Procedure { get; private set; }

    /// <summary>
    /// Immutable; the same object for equal credentials of one connection, as long as it remembers them.
    /// </summary>
    public RpcCredentials Caller { get; private set; } = RpcCredentials.None;

    /// <summary>The connection the call came on.</summary>
    public RpcPeer Peer { get; internal set; } = null!;

    public IPAddress PeerAddress => Peer.Address;

    /// <summary>The procedure's arguments: contiguous, valid until the program's task completes.</summary>
    public ReadOnlyMemory<byte> Arguments { get; private set; }

    /// <summary>Takes the results. Untouched unless the outcome is Success.</summary>
    public ReplyBuffer Output { get; } = new();

    /// <summary>The connection has ended. A hint: what was begun may be finished, nobody waits for the reply.</summary>
    public CancellationToken Aborted { get; internal set; }

    /// <summary>
    /// No reply will be sent for this call, whatever the outcome: one-way messages, duplicates in progress.
    /// </summary>
    public void Drop() => _dropped = true;

    /// <summary>
    /// No reply, and the connection ends: for a request whose outcome is not known. A client sends it again,
    /// unchanged, as soon as it has reconnected; without that it would wait for a minute first. Over UDP this is <see
    /// cref="Drop"/>.
    /// </summary>
    public void Disconnect() => _dropped = IsDisconnecting = true;

    /// <summary>The caller is refused with MSG_DENIED, AUTH_ERROR whatever the outcome.</summary>
    public void Refuse(RpcAuthStatus reason) => _refusal = reason;

    // What follows belongs to the connection.

    internal int RequestBytes { get; private set; }

    /// <summary>What the call has reserved: of the request budget, and of the reply budget.</summary>
    internal int RequestCharge { get; set; }

    internal int ReplyCharge { get; set; }

    internal long StartedTimestamp { get; set; }

    internal RpcProgramCounters? Counters { get; set; }

    internal bool IsDropped => _dropped;

    internal bool IsDisconnecting { get; private set; }

    internal ReadOnlySpan<byte> Record => _request.AsSpan(0, RequestBytes);

    /// <summary>Room for <paramref name="count"/> more request bytes.</summary>
    internal void ReserveRequest(int count)
    {
        var needed = RequestBytes + count;
        if (needed <= _request.Length) return;

        // Doubling keeps a record of many fragments linear; a single fragment is exact at once.
        var larger = TransferBuffers.Shared.Rent(
            RequestBytes == 0 ? needed : Math.Max(needed, Math.Min(2 * RequestBytes, RpcLimits.RecordBytesMax)));
        _request.AsSpan(0, RequestBytes).CopyTo(larger);
        if (_request != _small) TransferBuffers.Shared.Return(_request);
        _request = larger;
    }

    internal Span<byte> RequestFree => _request.AsSpan(RequestBytes);

    internal void AdvanceRequest(int count) => RequestBytes += count;

    internal void Accept(in RpcCall header, RpcCredentials caller)
    {
        Xid = header.Xid;
        Program = header.Program;
        Version = header.Version;
        Procedure = header.Procedure;
        Caller = caller;
        Arguments = _request.AsMemory(header.HeaderBytes, RequestBytes - header.HeaderBytes);
    }

    /// <summary>
    /// Starts the call; <paramref name="completed"/> is called exactly once, perhaps before this returns.
    /// </summary>
    internal void Run(IRpcProgram program, Action<RpcContext, RpcAcceptStatus, Exception?> completed)
    {
        _completed = completed;
        try
        {
            // Kept in a field and consumed exactly once, in Resume: a pooled context needs no state machine.
#pragma warning disable CA2012
            _running = program.DispatchAsync(this).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (Exception error)
        {
            completed(this, RpcAcceptStatus.SystemError, error);
            return;
        }

        if (_running.IsCompleted)
            Resume();
        else
            _running.UnsafeOnCompleted(_resume);
    }

    /// <summary>Builds the reply record from the outcome; false when nothing is to be sent.</summary>
    internal bool Seal(RpcAcceptStatus status)
    {
        if (_dropped) return false;

        Span<byte> message = stackalloc byte[RpcReply.HeaderBytesMax];
        if (_refusal != RpcAuthStatus.Ok)
            Output.Seal(message[..RpcReply.WriteAuthError(message, Xid, _refusal)]);
        else if (status == RpcAcceptStatus.Success)
            Output.SealSuccess(Xid);
        else
            Output.Seal(message[..RpcReply.WriteAccepted(message, Xid, status)]);
        return true;
    }

    internal void Reset()
    {
        if (_request != _small)
        {
            TransferBuffers.Shared.Return(_request);
            _request = _small;
        }

        RequestBytes = RequestCharge = ReplyCharge = 0;
        Arguments = default;
        Caller = RpcCredentials.None;
        Peer = null!;
        Aborted = default;
        Counters = null;
        _completed = null;
        _running = default;
        _dropped = IsDisconnecting = false;
        _refusal = RpcAuthStatus.Ok;
        Output.Reset();
    }

    private void Resume()
    {
        RpcAcceptStatus status;
        Exception? failure = null;
        try
        {
            status = _running.GetResult();
        }
        catch (Exception error)
        {
            status = RpcAcceptStatus.SystemError;
            failure = error;
        }

        _completed!(this, status, failure);
    }
}
