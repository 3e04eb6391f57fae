using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.SmbClient;

/// <summary>
/// A session with one tree, one request at a time or several; signed from the log-on on, sealed when asked. For one
/// thread. Everything a test may want to send wrong can be sent as bytes.
/// </summary>
public sealed class SmbSession : IDisposable
{
    private readonly Queue<SmbReply> _received = new();
    private readonly SmbSessionOptions _options;
    private PreauthHash? _preauth;
    private Smb2CipherId _cipher;
    private Smb2SigningAlgorithm _signing;
    private Smb2Cipher? _seal;
    private Smb2Cipher? _open;

    public SmbSession(IPEndPoint server, SmbSessionOptions? options = null)
    {
        _options = options ?? new SmbSessionOptions();
        Link = new SmbLink(server, _options.ReplyMax);
    }

    /// <param name="connected">A socket, from now on of this session.</param>
    /// <param name="options">How to talk.</param>
    public SmbSession(Socket connected, SmbSessionOptions? options = null)
    {
        _options = options ?? new SmbSessionOptions();
        Link = new SmbLink(connected, _options.ReplyMax);
    }

    public SmbLink Link { get; }

    public Smb2Dialect Dialect { get; private set; }

    public ulong SessionId { get; set; }

    public uint TreeId { get; set; }

    public ulong NextMessageId { get; set; }

    public Smb2Signer? Signer { get; private set; }

    public bool Signs { get; set; } = true;

    public bool Seals { get; set; }

    /// <summary>What the server said without being asked: breaks.</summary>
    public Queue<SmbReply> Notifications { get; } = new();

    /// <summary>Negotiates, logs on and connects to the share.</summary>
    /// <exception cref="SmbStatusException">The server refuses.</exception>
    public static SmbSession Open(IPEndPoint server, string user, string password, string share, SmbSessionOptions? options = null)
    {
        var session = new SmbSession(server, options);
        try
        {
            session.Negotiate();
            session.LogOn(user, password).Require(NtStatus.Success);
            session.Connect(share).Require(NtStatus.Success);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public SmbReply Negotiate()
    {
        var reply = Ask(Smb2Command.Negotiate, Bodies.Negotiate(_options.Dialects, _options.Client));
        reply.Require(NtStatus.Success);
        Dialect = (Smb2Dialect)BinaryPrimitives.ReadUInt16LittleEndian(reply.Body[4..]);
        ReadContexts(reply);
        return reply;
    }

    /// <summary>Both legs of SESSION_SETUP; the reply to the last.</summary>
    public SmbReply LogOn(string user, string password, ulong previous = 0) => LogOn(new NtlmClient(user, password), previous);

    public SmbReply LogOn(NtlmClient ntlm, ulong previous = 0)
    {
        Signs = false;
        var first = AskForHash(Bodies.SessionSetup(ntlm.Negotiate(), previous: previous));
        if (first.Status != NtStatus.MoreProcessingRequired) return first;

        SessionId = first.Header.SessionId;
        _preauth?.Append(first.Message);
        var last = AskForHash(Bodies.SessionSetup(ntlm.Authenticate(Blob(first)), previous: previous));
        if (last.Status != NtStatus.Success) return last;

        var keys = Smb2Keys.Derive(Dialect, ntlm.SessionKey, _preauth is null ? default : _preauth.Value, _cipher);
        Signer = new Smb2Signer(_signing, keys.Signing);
        if (keys.Encryption is not null)
        {
            _seal = new Smb2Cipher(_cipher, keys.Decryption);
            _open = new Smb2Cipher(_cipher, keys.Encryption);
        }

        Signs = true;
        Seals = _options.Seals;
        return last;
    }

    /// <summary>Makes this connection, which has negotiated, a further one of another's session and tree.</summary>
    public SmbReply Bind(SmbSession session, string user, string password)
    {
        const byte binding = 1;
        var ntlm = new NtlmClient(user, password);
        SessionId = session.SessionId;
        Signer = session.Signer;
        var first = AskForHash(Bodies.SessionSetup(ntlm.Negotiate(), binding), Signer);
        if (first.Status != NtStatus.MoreProcessingRequired) return first;

        _preauth?.Append(first.Message);
        var last = AskForHash(Bodies.SessionSetup(ntlm.Authenticate(Blob(first)), binding), Signer);
        if (last.Status != NtStatus.Success) return last;

        var keys = Smb2Keys.Derive(Dialect, ntlm.SessionKey, _preauth is null ? default : _preauth.Value, _cipher);
        Signer = new Smb2Signer(_signing, keys.Signing);
        TreeId = session.TreeId;
        return last;
    }

    public SmbReply Connect(string share)
    {
        var reply = Ask(Smb2Command.TreeConnect, Bodies.TreeConnect($@"\\server\{share}"));
        if (reply.Status == NtStatus.Success) TreeId = reply.Header.TreeId;
        return reply;
    }

    public SmbReply Ask(Smb2Command command, ReadOnlySpan<byte> body, ushort charge = 1)
    {
        var id = Send(command, body, charge);
        return Await(id);
    }

    /// <summary>The same as a replay of a request whose answer got lost (SMB2_FLAGS_REPLAY_OPERATION).</summary>
    public SmbReply Replay(Smb2Command command, ReadOnlySpan<byte> body)
    {
        var message = Message(command, body, flags: Smb2HeaderFlags.Replay);
        Protect(message);
        SendProtected(message);
        return Await(BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(24)));
    }

    /// <summary>Sends and does not wait; the message id.</summary>
    public ulong Send(Smb2Command command, ReadOnlySpan<byte> body, ushort charge = 1)
    {
        var message = Message(command, body, charge);
        Protect(message);
        SendProtected(message);
        return BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(24));
    }

    /// <summary>Header and body, with the next message id; not signed.</summary>
    public byte[] Message(Smb2Command command, ReadOnlySpan<byte> body, ushort charge = 1, Smb2HeaderFlags flags = 0, uint next = 0)
    {
        var header = new Smb2Header
        {
            Command = command,
            CreditCharge = charge,
            Credits = _options.Credits,
            Flags = flags,
            NextCommand = next,
            MessageId = NextMessageId,
            SessionId = SessionId,
            TreeId = TreeId,
            ProcessId = Smb2Header.DefaultProcessId,
        };
        NextMessageId += Math.Max((ushort)1, charge);
        var message = new byte[Smb2Header.Bytes + body.Length];
        header.Write(message);
        body.CopyTo(message.AsSpan(Smb2Header.Bytes));
        return message;
    }

    /// <summary>A chain of elements as one message, each signed by itself.</summary>
    public byte[] Chain(bool related, params ReadOnlySpan<(Smb2Command Command, byte[] Body)> elements)
    {
        var chain = new MessageWriter();
        for (var i = 0; i < elements.Length; i++)
        {
            var isLast = i == elements.Length - 1;
            var length = Smb2Header.Bytes + elements[i].Body.Length;
            var padded = isLast ? length : (length + 7) / 8 * 8;
            byte[] body = [.. elements[i].Body, .. new byte[padded - length]];
            var flags = related && i > 0 ? Smb2HeaderFlags.Related : 0;
            var element = Message(elements[i].Command, body, flags: flags, next: isLast ? 0 : (uint)padded);
            Protect(element);
            chain.Bytes(element);
        }

        return chain.ToArray();
    }

    /// <summary>Signs, unless the whole is sealed.</summary>
    public void Protect(Span<byte> message)
    {
        if (Signs && !Seals) Signer?.Sign(message);
    }

    public void SendProtected(ReadOnlySpan<byte> message) => Link.Send(Seals ? Sealed(message) : message);

    /// <summary>The message in the envelope of encryption, as the client sends it.</summary>
    public byte[] Sealed(ReadOnlySpan<byte> message)
    {
        byte[] frame = [.. new byte[Smb2Cipher.HeaderBytes], .. message];
        _seal!.Seal(frame, SessionId);
        return frame;
    }

    /// <summary>The final reply to a request; interim ones are passed over, those to others are kept.</summary>
    /// <exception cref="IOException">The server closed the connection, or nothing came.</exception>
    public SmbReply Await(ulong messageId)
    {
        for (var kept = _received.Count; kept > 0; kept--)
        {
            var reply = _received.Dequeue();
            if (reply.Header.MessageId == messageId) return reply;
            _received.Enqueue(reply);
        }

        while (true)
        {
            foreach (var reply in Receive() ?? throw new IOException("The server closed the connection."))
            {
                if (reply.IsNotification) Notifications.Enqueue(reply);
                else if (!reply.IsInterim) _received.Enqueue(reply);
            }

            if (_received.Any(reply => reply.Header.MessageId == messageId)) return Await(messageId);
        }
    }

    /// <summary>Waits until the server says that the request is pending; what it says.</summary>
    public SmbReply AwaitInterim(ulong messageId)
    {
        while (true)
        {
            foreach (var reply in Receive() ?? throw new IOException("The server closed the connection."))
            {
                if (reply.IsInterim && reply.Header.MessageId == messageId) return reply;
                if (reply.IsNotification) Notifications.Enqueue(reply);
                else if (!reply.IsInterim) _received.Enqueue(reply);
            }
        }
    }

    /// <summary>Asks to give up a request that is pending.</summary>
    public void Cancel(SmbReply interim)
    {
        var message = new byte[Smb2Header.Bytes + Bodies.Empty().Length];
        new Smb2Header
        {
            Command = Smb2Command.Cancel,
            Flags = Smb2HeaderFlags.Async,
            MessageId = interim.Header.MessageId,
            AsyncId = interim.Header.AsyncId,
            SessionId = SessionId,
        }.Write(message);
        Bodies.Empty().CopyTo(message, Smb2Header.Bytes);
        Protect(message);
        SendProtected(message);
    }

    /// <summary>The replies of one message; null when the server closed the connection.</summary>
    public IReadOnlyList<SmbReply>? Receive()
    {
        if (Link.Receive() is not { } frame) return null;

        var message = frame;
        if (frame.Length > Smb2Cipher.HeaderBytes && frame[0] == 0xFD)
        {
            if (!_open!.TryOpen(frame)) throw new InvalidDataException("The server's message does not decrypt.");
            message = frame[Smb2Cipher.HeaderBytes..];
        }

        var replies = new List<SmbReply>();
        for (var at = 0; ;)
        {
            if (!Smb2Header.TryParse(message.AsSpan(at), out var header)) throw new InvalidDataException("No SMB2 message.");
            var end = header.NextCommand == 0 ? message.Length : at + (int)header.NextCommand;
            replies.Add(new SmbReply(header, message[at..end]));
            if (header.NextCommand == 0) return replies;
            at = end;
        }
    }

    /// <summary>Waits for a break.</summary>
    public SmbReply AwaitNotification()
    {
        while (Notifications.Count == 0)
        {
            foreach (var reply in Receive() ?? throw new IOException("The server closed the connection."))
            {
                if (reply.IsNotification) Notifications.Enqueue(reply);
                else if (!reply.IsInterim) _received.Enqueue(reply);
            }
        }

        return Notifications.Dequeue();
    }

    public void Dispose()
    {
        Link.Dispose();
        Signer?.Dispose();
        _seal?.Dispose();
        _open?.Dispose();
    }

    private static byte[] Blob(SmbReply reply)
    {
        var at = BinaryPrimitives.ReadUInt16LittleEndian(reply.Body[4..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(reply.Body[6..]);
        return reply.Message[at..(at + length)];
    }

    private SmbReply AskForHash(byte[] body, Smb2Signer? signer = null)
    {
        var message = Message(Smb2Command.SessionSetup, body);
        signer?.Sign(message);
        _preauth?.Append(message);
        Link.Send(message);
        return Await(BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(24)));
    }

    // The request's bytes are made again for the hash: nothing in them is random.
    private void ReadContexts(SmbReply reply)
    {
        _signing = Dialect < Smb2Dialect.Smb300 ? Smb2SigningAlgorithm.HmacSha256 : Smb2SigningAlgorithm.AesCmac;
        _cipher = Dialect is Smb2Dialect.Smb300 or Smb2Dialect.Smb302 ? Smb2CipherId.Aes128Ccm : Smb2CipherId.None;
        if (Dialect != Smb2Dialect.Smb311) return;

        NextMessageId = 0;
        _preauth = new PreauthHash();
        _preauth.Append(Message(Smb2Command.Negotiate, Bodies.Negotiate(_options.Dialects, _options.Client)));
        _preauth.Append(reply.Message);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(reply.Body[6..]);
        var at = (int)reply.U32(60);
        for (var i = 0; i < count; i++)
        {
            at = (at + 7) / 8 * 8;
            var kind = BinaryPrimitives.ReadUInt16LittleEndian(reply.Message.AsSpan(at));
            var length = BinaryPrimitives.ReadUInt16LittleEndian(reply.Message.AsSpan(at + 2));
            var content = reply.Message.AsSpan(at + 8, length);
            if (kind == 2) _cipher = (Smb2CipherId)BinaryPrimitives.ReadUInt16LittleEndian(content[2..]);
            if (kind == 8) _signing = (Smb2SigningAlgorithm)BinaryPrimitives.ReadUInt16LittleEndian(content[2..]);
            at += 8 + length;
        }
    }
}

/// <summary>How a test's session talks.</summary>
public sealed record SmbSessionOptions
{
    public ushort[] Dialects { get; init; } = Bodies.AllDialects;

    /// <summary>ClientGuid: the scope of leases and durable handles.</summary>
    public Guid Client { get; init; } = new("6f1c0a5e-3c1d-4b55-9f56-7f3f6d1a0001");

    public bool Seals { get; init; }

    /// <summary>Credits each request asks for.</summary>
    public ushort Credits { get; init; } = 64;

    public TimeSpan ReplyMax { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>The server answered with another status than was needed.</summary>
public sealed class SmbStatusException(NtStatus status, string message) : IOException(message)
{
    public NtStatus Status => status;
}

/// <summary>What to do with a reply.</summary>
public static class SmbReplyChecks
{
    public static SmbReply Require(this SmbReply reply, NtStatus status) => reply.Status == status
        ? reply
        : throw new SmbStatusException(reply.Status, $"{reply.Header.Command}: {reply.Status} instead of {status}");
}
