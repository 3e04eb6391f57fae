using System.Diagnostics.CodeAnalysis;
using System.Net;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Sessions;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Smb.Connections;

/// <summary>
/// One TCP connection of a client (MS-SMB2 3.3.1.7): reads messages, runs them at the same time, answers them as they end.
/// </summary>
/// <remarks>
/// Threading: one loop reads and assembles; messages are started in the order of their arrival by one thread at a time, and
/// may end on any. Reading stops while the connection or the process holds as much as its limits allow, so backpressure
/// reaches the client's socket instead of our memory.
/// </remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "Where the parts of a connection meet.")]
internal sealed partial class SmbConnection : IDisposable
{
    private readonly ConnectionContext _connection;
    private readonly MessageReader _reader;
    private readonly ResponseQueue _responses;
    private readonly CancellationTokenSource _abort = new();
    private readonly long _openedTimestamp;

    private int _refusals;
    private int _aborted;

    public SmbConnection(SmbServer server, ConnectionContext connection, long id)
    {
        Server = server;
        Id = id;
        _connection = connection;
        _responses = new ResponseQueue(server, connection, Abort);
        Flow = new RequestFlow(this, _responses);
        _reader = new MessageReader(server, connection.Transport.Input, _responses, Flow, _abort.Token);
        _openedTimestamp = server.Time.GetTimestamp();
        Remote = Plain((IPEndPoint)connection.RemoteEndPoint!);
        Local = Plain((IPEndPoint)connection.LocalEndPoint!);
    }

    public SmbServer Server { get; }

    /// <summary>Unique within the process.</summary>
    public long Id { get; }

    /// <summary>Addresses; IPv4-mapped IPv6 ones are given as IPv4.</summary>
    public IPEndPoint Remote { get; }

    public IPEndPoint Local { get; }

    /// <summary>What the client and we have agreed on.</summary>
    public Negotiation Negotiation { get; private set; } = Negotiation.None;

    public Smb2Dialect Dialect => Negotiation.Dialect;

    public Guid ClientGuid => Negotiation.ClientGuid;

    public Smb2Capabilities ClientCapabilities => Negotiation.ClientCapabilities;

    /// <summary>A request may cost several credits and be larger than 64 KiB.</summary>
    public bool IsMultiCredit => Negotiation.IsMultiCredit;

    /// <summary>Zeros in front of the data of READ responses; a client under test has asked for them.</summary>
    public int ReadPaddingBytes { get; set; }

    /// <summary>The peer counts as silent, whatever the kernel says; a client under test has asked for it.</summary>
    public bool PretendsSilence { get; set; }

    /// <summary>Its messages.</summary>
    internal RequestFlow Flow { get; }

    public bool IsAlive => Volatile.Read(ref _aborted) == 0;

    /// <summary>Serves until the peer closes, breaks the protocol, stalls, or the server stops.</summary>
    /// <remarks>Never throws for the peer's doing.</remarks>
    public async Task RunAsync()
    {
        try
        {
            await _reader.RunAsync();
        }
        catch (SmbViolationException violation)
        {
            Violate(violation.Message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            Abort();
        }
        finally
        {
            _reader.Close();
            await EndAsync();
        }
    }

    /// <summary>Reads no further; what is running ends and is answered.</summary>
    public void Stop() => _reader.Stop();

    /// <summary>Ends the connection now; running requests are cancelled and their responses are dropped.</summary>
    public void Abort()
    {
        if (Interlocked.Exchange(ref _aborted, 1) != 0) return;

        _responses.Abort();
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

    /// <summary>Sends a message that answers no request; false when the connection has ended.</summary>
    public bool TryNotify(SmbSession session, Smb2Command command, ReadOnlySpan<byte> body) =>
        IsAlive && _responses.Send(ResponseAssembly.Notification(session, command, body));

    /// <summary>True the first time that the connection has a message refused for the cause.</summary>
    public bool IsFirst(SmbRefusal cause)
    {
        var bit = 1 << (int)cause;
        return (Interlocked.Or(ref _refusals, bit) & bit) == 0;
    }

    /// <summary>True when what was sent at that moment, or later, has not been acknowledged, nor anything else since.</summary>
    public bool IsSilentSince(long timestamp) =>
        PretendsSilence || _responses.IsPeerSilent(Server.Time.GetElapsedTime(timestamp));

    /// <summary>Ends the connection because its peer is silent.</summary>
    public void Lose() => Stall("it does not acknowledge what it is sent");

    /// <summary>What a request costs.</summary>
    public int ChargeOf(in Smb2Header header) => IsMultiCredit ? Math.Max((int)header.CreditCharge, 1) : 1;

    /// <summary>Ends the connection because of what the peer has done.</summary>
    public void Violate(string reason)
    {
        if (IsAlive) Server.ReportViolation(this, reason);
        Abort();
    }

    /// <summary>Closes a connection that keeps us waiting. Called now and then by the server.</summary>
    public void CheckStall(long now)
    {
        var limits = Server.Limits;
        if (!_hasAuthenticated && Server.IsOver(_openedTimestamp, now, limits.UnauthenticatedMax))
            Stall("nobody has logged on");
        else if (Server.IsOver(_reader.PartialSince, now, Server.StallMax))
            Stall("it stopped in the middle of a message");
        else if (Server.IsOver(_responses.SendingSince, now, Server.StallMax))
            Stall("it does not take its responses");
    }

    public void Dispose()
    {
        _responses.Dispose();
        _abort.Dispose();
    }

    private void Stall(string reason)
    {
        if (IsAlive) Server.ReportStall(this, reason);
        Abort();
    }

    private static IPEndPoint Plain(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
