using System.Collections.Concurrent;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Connections;

// What is agreed on a connection, the sessions that use it, and its end.
internal sealed partial class SmbConnection
{
    /// <summary>How long the end of the sessions waits for running requests, so that their opens are quiet.</summary>
    private static readonly TimeSpan QuietMax = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ulong, SmbSession> _sessions = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasAuthenticated;
    private bool _isMultiProtocol;

    /// <summary>Sessions that are being set up on this connection, or set up anew, by id.</summary>
    public ConcurrentDictionary<ulong, SetupInProgress> Setups { get; } = new();

    /// <summary>Hash over NEGOTIATE, where session setups go on from; 3.1.1 only.</summary>
    public PreauthHash? NegotiateTranscript { get; private set; }

    public int SessionCount => _sessions.Count;

    /// <summary>Done when the sessions that had no other connection have ended, with their opens. Does not fail.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Settles what the connection speaks (MS-SMB2 3.3.5.4).</summary>
    public void Agree(Negotiation negotiation, PreauthHash? transcript)
    {
        NegotiateTranscript = transcript;
        Negotiation = negotiation;
    }

    /// <summary>A session may use the connection from now on, and larger messages come.</summary>
    public void Join(SmbSession session)
    {
        _sessions[session.Id] = session;
        _reader.MessageBytesMax = Negotiation.TransferBytesMax + SmbLimits.MessageSlackBytes;
        _hasAuthenticated = true;

        // Whoever ended it meanwhile did not find it here.
        if (session.State == SmbSessionState.Ended) _sessions.TryRemove(session.Id, out _);
    }

    public void Leave(SmbSession session) => _sessions.TryRemove(session.Id, out _);

    /// <summary>SMB 1 may be spoken once, before anything else (MS-SMB2 3.3.5.3).</summary>
    public bool TryBeginMultiProtocol()
    {
        if (_isMultiProtocol || Dialect != Smb2Dialect.None) return false;

        _isMultiProtocol = true;
        return true;
    }

    private async Task EndAsync()
    {
        Flow.CancelAll();
        var drained = _responses.DrainAsync();
        await Task.WhenAny(drained, Task.Delay(QuietMax, Server.Time));
        Abort();
        foreach (var (_, setup) in Setups) setup.Abandon();
        try
        {
            foreach (var (_, session) in _sessions)
            {
                if (session.RemoveChannel(this)) await Server.EndSessionAsync(session, keepsDurable: true);
            }
        }
        finally
        {
            _ended.SetResult();
        }

        await drained;
    }
}
