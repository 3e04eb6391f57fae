using System.Net;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Connections;
using Gateway.Smb.Trees;
using Gateway.Users;

namespace Gateway.Smb.Sessions;

/// <summary>A user who has logged on, or is about to (MS-SMB2 3.3.1.8).</summary>
/// <remarks>
/// Threading: any. User and keys are set once, before the session is <see cref="SmbSessionState.Valid"/>; channels and trees
/// are replaced, never changed.
/// </remarks>
internal sealed class SmbSession(ulong id, SmbConnection connection)
{
    private readonly Lock _gate = new();
    private volatile SmbSessionState _state;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SmbChannel[] _channels = [];
    private Identity? _identity;

    public ulong Id { get; } = id;

    public SmbServer Server { get; } = connection.Server;

    /// <summary>What the connection it was set up on had agreed; the connections bound to it have the same.</summary>
    public Negotiation Negotiation { get; } = connection.Negotiation;

    public Smb2Dialect Dialect => Negotiation.Dialect;

    public Guid ClientGuid => Negotiation.ClientGuid;

    public SmbSessionState State => _state;

    /// <summary>Who has logged on; not to be asked for before.</summary>
    public AuthenticatedUser User => Volatile.Read(ref _identity)!.User;

    public string UserName => User.Name;

    /// <summary>Who the user is to access checks. Made with each log-on.</summary>
    public SecurityToken Token => Volatile.Read(ref _identity)!.Token;

    /// <summary>Let in without a name, for the list of shares only.</summary>
    public bool IsAnonymous => User.IsAnonymous;

    /// <summary>When the session was begun, as a timestamp of the clock.</summary>
    public long BeganTimestamp { get; } = connection.Server.Time.GetTimestamp();

    /// <summary>Where the client that began it is.</summary>
    public IPAddress ClientAddress { get; } = connection.Remote.Address;

    /// <summary>Every request must be signed or encrypted.</summary>
    public bool SigningRequired { get; internal set; }

    /// <summary>Every response is encrypted, and requests that are not are refused.</summary>
    public bool EncryptData { get; internal set; }

    /// <summary>
    /// The client is macOS, as the AAPL context of a CREATE said: copies of whole files, modes in access control lists,
    /// and renames of directories with open files are agreed on.
    /// </summary>
    public bool IsApple { get; set; }

    /// <summary>Listings carry what the Finder asks for; agreed in the AAPL context of a CREATE.</summary>
    public bool ReadsAppleAttributes { get; set; }

    /// <summary>For protocols in a pipe.</summary>
    public ReadOnlyMemory<byte> ApplicationKey { get; private set; }

    /// <summary>Opens what the client sealed; null without encryption.</summary>
    public Smb2Cipher? Decryptor { get; private set; }

    /// <summary>Seals what the server sends; null without encryption.</summary>
    public Smb2Cipher? Encryptor { get; private set; }

    /// <summary>Trees by id.</summary>
    public TreeTable Trees { get; } = new();

    public IReadOnlyList<SmbChannel> Channels => Volatile.Read(ref _channels);

    /// <summary>It has more than one connection.</summary>
    public bool HasFurtherChannels => Volatile.Read(ref _channels).Length > 1;

    /// <summary>The channel of a connection; null when the session is not bound to it.</summary>
    public SmbChannel? ChannelOf(SmbConnection connection)
    {
        foreach (var channel in Volatile.Read(ref _channels))
        {
            if (channel.Connection == connection) return channel;
        }

        return null;
    }

    // What follows belongs to session setup, logoff and the end of connections.

    /// <summary>Session.SigningKey: of the connection it was set up on, and of those that are about to be bound.</summary>
    internal Smb2Signer? Signer { get; private set; }

    internal void Establish(AuthenticatedUser user, SecurityToken token, Smb2Keys keys)
    {
        Volatile.Write(ref _identity, new Identity(user, token));
        ApplicationKey = keys.Application;
        Signer = new Smb2Signer(Negotiation.SigningAlgorithm, keys.Signing);
        if (keys.Decryption is null || keys.Encryption is null) return;

        Decryptor = new Smb2Cipher(Negotiation.Cipher, keys.Decryption);
        Encryptor = new Smb2Cipher(Negotiation.Cipher, keys.Encryption);
    }

    internal bool IsOfUser(AuthenticatedUser user) =>
        Volatile.Read(ref _identity) is { } identity && identity.User.Name == user.Name && identity.User.Uid == user.Uid;

    /// <summary>The user has logged on again; false when the session has ended.</summary>
    internal bool TryReplaceUser(AuthenticatedUser user, SecurityToken token)
    {
        lock (_gate)
        {
            if (_state != SmbSessionState.Valid) return false;

            Volatile.Write(ref _identity, new Identity(user, token));
            return true;
        }
    }

    /// <summary>The session may be used; false when it has ended meanwhile.</summary>
    internal bool TryOpen()
    {
        lock (_gate)
        {
            if (_state == SmbSessionState.Ended) return false;

            _state = SmbSessionState.Valid;
            return true;
        }
    }

    /// <summary>Completes when nothing of the session is left: its opens are closed, or wait for their client.</summary>
    public Task Ended => _ended.Task;

    internal void CompleteEnd() => _ended.TrySetResult();

    /// <summary>True for the one caller that ends the session.</summary>
    internal bool TryEnd()
    {
        lock (_gate)
        {
            if (_state == SmbSessionState.Ended) return false;

            _state = SmbSessionState.Ended;
            return true;
        }
    }

    /// <summary>Adds the channel; false when there are too many, or the session has ended.</summary>
    internal bool TryAddChannel(SmbChannel channel, int channelsMax)
    {
        lock (_gate)
        {
            if (_state == SmbSessionState.Ended || _channels.Length >= channelsMax) return false;

            Volatile.Write(ref _channels, [.. _channels, channel]);
            return true;
        }
    }

    /// <summary>Removes the channel of a connection that has ended; true when it was the last.</summary>
    internal bool RemoveChannel(SmbConnection connection)
    {
        lock (_gate)
        {
            var left = Array.FindAll(_channels, channel => channel.Connection != connection);
            Volatile.Write(ref _channels, left);
            return left.Length == 0;
        }
    }

    /// <summary>Forgets the connections; returns those that there were.</summary>
    internal IReadOnlyList<SmbChannel> ClearChannels()
    {
        lock (_gate)
        {
            var all = _channels;
            Volatile.Write(ref _channels, []);
            return all;
        }
    }

    private sealed record Identity(AuthenticatedUser User, SecurityToken Token);
}

/// <summary>Where in its life a session is (MS-SMB2 3.3.1.8 State).</summary>
internal enum SmbSessionState
{
    /// <summary>The user has not proved who it is.</summary>
    InProgress,
    Valid,

    /// <summary>Logged off, replaced, or its last connection has ended.</summary>
    Ended,
}
