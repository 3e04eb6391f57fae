using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Tests.Smb.Authentication;

namespace Gateway.Tests.Smb;

/// <summary>A client that says what it is told, byte for byte; the well-behaved parts are there to get far enough to misbehave.</summary>
internal sealed class SmbTestClient : IDisposable
{
    private const int ResponseSecondsMax = 20;

    private readonly Socket _socket;
    private readonly PreauthHash _transcript = new();

    private SmbTestClient(Socket socket) => _socket = socket;

    public Guid ClientGuid { get; init; } = new("11111111-2222-3333-4444-555555555555");

    public Smb2Dialect Dialect { get; private set; }

    public Smb2CipherId Cipher { get; private set; }

    public Smb2SigningAlgorithm SigningAlgorithm { get; private set; } = Smb2SigningAlgorithm.AesCmac;

    public ulong NextMessageId { get; set; }

    public ulong SessionId { get; set; }

    public uint TreeId { get; set; }

    /// <summary>Signs requests; null before a log-on.</summary>
    public Smb2Signer? Signer { get; set; }

    /// <summary>Seals requests.</summary>
    public Smb2Cipher? Encryptor { get; private set; }

    public Smb2Cipher? Decryptor { get; private set; }

    public SessionFlags SessionFlags { get; private set; }

    /// <summary>Changes frames that are sent, when the client does not look.</summary>
    public Action<byte[]>? OnTheWay { get; set; }

    /// <summary>Goes on although the server did not prove that it has the key.</summary>
    public bool IsGullible { get; set; }

    /// <summary>The last answer of the log-on was signed with the client's key.</summary>
    public bool HasProof { get; private set; }

    public static async Task<SmbTestClient> ConnectAsync(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server);
        return new SmbTestClient(socket);
    }

    public async Task<NegotiateResponse> NegotiateAsync(params Smb2Dialect[] dialects)
    {
        var request = Request(Smb2Command.Negotiate, NegotiateBody(dialects));
        _transcript.Append(request);
        await SendAsync(request);
        var response = await ReceiveAsync();
        Assert.That(Status(response), Is.EqualTo(NtStatus.Success));
        Assert.That(NegotiateResponse.TryParse(response, out var parsed));
        _transcript.Append(response);
        Dialect = parsed.Dialect;
        Cipher = parsed.Contexts?.Ciphers?[0]
            ?? ((parsed.Capabilities & Smb2Capabilities.Encryption) != 0 ? Smb2CipherId.Aes128Ccm : Smb2CipherId.None);
        SigningAlgorithm = parsed.Contexts?.SigningAlgorithms?[0]
            ?? (Dialect.IsSmb3 ? Smb2SigningAlgorithm.AesCmac : Smb2SigningAlgorithm.HmacSha256);
        return parsed;
    }

    /// <summary>Logs on with NTLM; the status of the end.</summary>
    public async Task<NtStatus> LogOnAsync(string user = SmbHost.User, string password = SmbHost.Password)
    {
        var ntlm = new NtlmClient { User = user, Password = password };
        var transcript = _transcript.Copy();
        SessionId = 0;
        var first = await SetUpAsync(ntlm.RawNegotiate, transcript);
        if (Status(first) != NtStatus.MoreProcessingRequired) return Status(first);

        transcript.Append(first);
        Assert.That(SessionSetupResponse.TryParse(first, out _, out var challenge));
        SessionId = Header(first).SessionId;
        var last = await SetUpAsync(user.Length == 0 ? NtlmClient.Anonymous() : ntlm.RawAnswer(challenge.ToArray()), transcript);
        if (Status(last) != NtStatus.Success) return Status(last);

        Assert.That(SessionSetupResponse.TryParse(last, out var flags, out _));
        SessionFlags = flags;
        if (user.Length == 0) return NtStatus.Success;

        var keys = Smb2Keys.Derive(Dialect, ntlm.SessionKey, Dialect == Smb2Dialect.Smb311 ? transcript.Value : default, Cipher);
        Signer = new Smb2Signer(SigningAlgorithm, keys.Signing);
        HasProof = Header(last).IsSigned && Signer.Verify(last);
        Assert.That(HasProof || IsGullible, "the last answer proves that the server has the key");
        if (keys.Decryption is null || keys.Encryption is null) return NtStatus.Success;

        // The server's names: it decrypts what the client encrypts.
        Encryptor = new Smb2Cipher(Cipher, keys.Decryption);
        Decryptor = new Smb2Cipher(Cipher, keys.Encryption);
        return NtStatus.Success;
    }

    public async Task<NtStatus> ConnectTreeAsync(string share = SmbHost.Share, bool isSealed = false)
    {
        var response = await AskAsync(Smb2Command.TreeConnect, TreeBody(share), isSealed);
        if (Status(response) == NtStatus.Success) TreeId = Header(response).TreeId;
        return Status(response);
    }

    /// <summary>Everything up to a tree.</summary>
    public async Task EnterAsync(params Smb2Dialect[] dialects)
    {
        await NegotiateAsync(dialects.Length == 0 ? [Smb2Dialect.Smb311] : dialects);
        Assert.That(await LogOnAsync(), Is.EqualTo(NtStatus.Success));
        Assert.That(await ConnectTreeAsync(), Is.EqualTo(NtStatus.Success));
    }

    /// <summary>Sends a request, signed where there is a key, and returns its response, whose signature has been checked.</summary>
    public async Task<byte[]> AskAsync(Smb2Command command, byte[] body, bool isSealed = false)
    {
        var request = Request(command, body);
        if (isSealed)
        {
            await SendAsync(Seal(request));
        }
        else
        {
            Signer?.Sign(request);
            await SendAsync(request);
        }

        var response = await ReceiveAsync();
        if (BinaryPrimitives.ReadUInt32LittleEndian(response) == TransformHeader.ProtocolId)
        {
            Assert.That(Decryptor!.TryOpen(response));
            response = response[TransformHeader.Bytes..];
        }
        else if (Header(response).IsSigned && Signer is not null && Status(response) != NtStatus.UserSessionDeleted)
        {
            Assert.That(Signer.Verify(response), "the signature of the response");
        }

        return response;
    }

    /// <summary>A message with the next id, neither signed nor sealed.</summary>
    public byte[] Request(Smb2Command command, byte[] body, Smb2HeaderFlags flags = Smb2HeaderFlags.None)
    {
        var message = new byte[Smb2Header.Bytes + body.Length];
        new Smb2Header
        {
            Command = command,
            CreditCharge = 1,
            Credits = 64,
            Flags = flags,
            MessageId = NextMessageId++,
            ProcessId = Smb2Header.DefaultProcessId,
            TreeId = TreeId,
            SessionId = SessionId,
        }.Write(message);
        body.CopyTo(message, Smb2Header.Bytes);
        return message;
    }

    public byte[] Seal(byte[] message)
    {
        var frame = new byte[TransformHeader.Bytes + message.Length];
        message.CopyTo(frame, TransformHeader.Bytes);
        Encryptor!.Seal(frame, SessionId);
        return frame;
    }

    /// <summary>Sends a frame.</summary>
    public async Task SendAsync(byte[] message)
    {
        var frame = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, message.Length);
        message.CopyTo(frame, 4);
        OnTheWay?.Invoke(frame);
        await SendRawAsync(frame);
    }

    public async Task SendRawAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    /// <summary>Receives a frame; fails when the connection ends instead.</summary>
    public async Task<byte[]> ReceiveAsync()
    {
        var response = await TryReceiveAsync();
        return response ?? throw new AssertionException("The connection has ended.");
    }

    /// <summary>Whether the server ends the connection without another word.</summary>
    public async Task<bool> IsClosedAsync() => await TryReceiveAsync() is null;

    public static Smb2Header Header(byte[] message)
    {
        Assert.That(Smb2Header.TryParse(message, out var header));
        return header;
    }

    public static NtStatus Status(byte[] message) => Header(message).Status;

    public static byte[] Empty() => [4, 0, 0, 0];

    public byte[] NegotiateBody(params Smb2Dialect[] dialects)
    {
        var is311 = dialects.Contains(Smb2Dialect.Smb311);
        var start = (Smb2Header.Bytes + 36 + 2 * dialects.Length + 7) / 8 * 8;
        byte[] contexts = is311
            ? [1, 0, 6, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 8, 0, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0]
            : [];
        var body = new byte[is311 ? start - Smb2Header.Bytes + contexts.Length : 36 + 2 * dialects.Length];
        body[0] = 36;
        body[2] = (byte)dialects.Length;
        body[4] = (byte)Smb2SecurityMode.SigningEnabled;
        body[8] = 0x7F;
        ClientGuid.TryWriteBytes(body.AsSpan(12));
        for (var i = 0; i < dialects.Length; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(36 + 2 * i), (ushort)dialects[i]);
        if (!is311) return body;

        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(28), start);
        body[32] = 3;
        contexts.CopyTo(body, start - Smb2Header.Bytes);
        return body;
    }

    public static byte[] TreeBody(string share)
    {
        var path = Encoding.Unicode.GetBytes($@"\\server\{share}");
        return [9, 0, 0, 0, 72, 0, (byte)path.Length, 0, .. path];
    }

    public static byte[] SetupBody(byte[] token) =>
        [25, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 0, (byte)(token.Length & 0xFF), (byte)(token.Length >> 8), .. new byte[8], .. token];

    public void Dispose()
    {
        _socket.Dispose();
        Signer?.Dispose();
        Encryptor?.Dispose();
        Decryptor?.Dispose();
    }

    private async Task<byte[]> SetUpAsync(byte[] token, PreauthHash transcript)
    {
        var request = Request(Smb2Command.SessionSetup, SetupBody(token));
        transcript.Append(request);
        await SendAsync(request);
        return await ReceiveAsync();
    }

    private async Task<byte[]?> TryReceiveAsync()
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(ResponseSecondsMax));
        var head = new byte[4];
        if (!await TryFillAsync(head, timeout.Token)) return null;

        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head)];
        return await TryFillAsync(message, timeout.Token) ? message : null;
    }

    private async Task<bool> TryFillAsync(Memory<byte> target, CancellationToken timeout)
    {
        try
        {
            while (!target.IsEmpty)
            {
                var count = await _socket.ReceiveAsync(target, timeout);
                if (count == 0) return false;
                target = target[count..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
