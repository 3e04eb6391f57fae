using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Authentication;
using Gateway.Smb.Connections;

namespace Gateway.Smb.Sessions;

/// <summary>What a sequence of SESSION_SETUP requests is for.</summary>
internal enum SetupKind
{
    /// <summary>A session is made.</summary>
    New,

    /// <summary>A session of another connection is to use this one too.</summary>
    Bind,

    /// <summary>The user proves once more who it is.</summary>
    Reauthenticate,
}

/// <summary>A sequence of SESSION_SETUP requests from its first to its last.</summary>
internal sealed class SetupInProgress(SmbSession session, SetupKind kind, LogonExchange exchange, PreauthHash? transcript)
{
    private int _busy;

    public SmbSession Session { get; } = session;

    public SetupKind Kind { get; } = kind;

    public LogonExchange Exchange { get; } = exchange;

    /// <summary>Session.PreauthIntegrityHashValue; 3.1.1 only.</summary>
    public PreauthHash? Transcript { get; } = transcript;

    /// <summary>Requests of the sequence come one after the other: false while one is being answered.</summary>
    public bool TryEnter() => Interlocked.Exchange(ref _busy, 1) == 0;

    public void Exit() => Volatile.Write(ref _busy, 0);

    /// <summary>What answers are signed with until the end of the sequence; null while there is no key.</summary>
    public Smb2Signer? SignerOn(SmbConnection connection) => Kind switch
    {
        SetupKind.New => null,
        SetupKind.Bind => Session.Signer,
        _ => Session.ChannelOf(connection)?.Signer,
    };

    /// <summary>The sequence ends without success: of a new session nothing is left.</summary>
    public void Abandon()
    {
        if (Kind == SetupKind.New && Session.TryEnd()) Session.Server.Sessions.Remove(Session);
    }

    /// <summary>Begins a sequence on a connection.</summary>
    public static SetupInProgress Begin(SmbSession session, SetupKind kind, SmbConnection connection) =>
        new(session, kind, connection.Server.Authenticator.Begin(connection.Remote.Address), connection.NegotiateTranscript?.Copy());
}
