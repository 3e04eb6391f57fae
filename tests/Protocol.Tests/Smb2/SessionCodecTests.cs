using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;

namespace Gateway.Protocol.Tests.Smb2;

public sealed class SessionCodecTests
{
    [Test]
    public void A_header_is_read_as_it_was_written([Values] bool isAsync)
    {
        var header = new Smb2Header
        {
            CreditCharge = 3,
            Status = NtStatus.AccessDenied,
            Command = Smb2Command.Ioctl,
            Credits = 9,
            Flags = Smb2HeaderFlags.Response | (isAsync ? Smb2HeaderFlags.Async : Smb2HeaderFlags.None),
            NextCommand = 128,
            MessageId = 0x1122334455667788,
            AsyncId = isAsync ? 77u : 0,
            ProcessId = isAsync ? 0 : Smb2Header.DefaultProcessId,
            TreeId = isAsync ? 0 : 5u,
            SessionId = ulong.MaxValue - 1,
        };
        var bytes = new byte[Smb2Header.Bytes];
        header.Write(bytes);

        Assert.That(Smb2Header.TryParse(bytes, out var read));
        Assert.That(read, Is.EqualTo(header));
        Smb2Message.AssertTruncations(bytes, static part => Smb2Header.TryParse(part, out _), Smb2Header.Bytes);
    }

    [TestCase(0)]
    [TestCase(4)]
    public void What_is_no_header_is_refused(int offset)
    {
        var bytes = new byte[Smb2Header.Bytes];
        default(Smb2Header).Write(bytes);
        bytes[offset]++;

        Assert.That(Smb2Header.TryParse(bytes, out _), Is.False);
    }

    [Test]
    public void Negotiate_is_read_with_its_contexts()
    {
        var message = Negotiate([0x0210, 0x0311], Contexts((1, Preauth), (2, [2, 0, 2, 0, 1, 0]), (5, "files"u8.ToArray()), (8, [1, 0, 2, 0])));

        Assert.That(NegotiateRequest.TryParse(message, out var request));
        Assert.That(request.BestDialect, Is.EqualTo(Smb2Dialect.Smb311));
        Assert.That(request.SecurityMode, Is.EqualTo(Smb2SecurityMode.SigningEnabled));
        Assert.That(request.Contexts!.HashAlgorithms, Is.EqualTo(new ushort[] { NegotiateContexts.Sha512 }));
        Assert.That(request.Contexts.Ciphers, Is.EqualTo(new[] { Smb2CipherId.Aes128Gcm, Smb2CipherId.Aes128Ccm }));
        Assert.That(request.Contexts.SigningAlgorithms, Is.EqualTo(new[] { Smb2SigningAlgorithm.AesGmac }));
        Smb2Message.AssertTruncations(message, static part => NegotiateRequest.TryParse(part, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, static part => NegotiateRequest.TryParse(part, out _));
    }

    [Test]
    public void Negotiate_of_older_dialects_needs_no_contexts()
    {
        var message = Negotiate([0x0202, 0x0210, 0x0300], []);

        Assert.That(NegotiateRequest.TryParse(message, out var request));
        Assert.That(request.BestDialect, Is.EqualTo(Smb2Dialect.Smb300));
        Smb2Message.AssertTruncations(message, static part => NegotiateRequest.TryParse(part, out _), message.Length);
    }

    [TestCase((ushort)0x02FF)]
    [TestCase((ushort)0x0310)]
    public void What_is_not_spoken_is_not_chosen(ushort dialect)
    {
        Assert.That(NegotiateRequest.TryParse(Negotiate([dialect], []), out var request));
        Assert.That(request.BestDialect, Is.EqualTo(Smb2Dialect.None));
    }

    [Test]
    public void Negotiate_without_dialects_is_refused() =>
        Assert.That(NegotiateRequest.TryParse(Negotiate([], []), out _), Is.False);

    [Test]
    public void Contexts_that_cannot_be_are_refused()
    {
        byte[][] lists =
        [
            Contexts((1, Preauth), (1, Preauth)),
            Contexts((1, [0, 0, 0, 0])),
            Contexts((1, [1, 0, 9, 0, 1, 0])),
            Contexts((1, Preauth), (2, [0, 0])),
            Contexts((1, Preauth), (2, [9, 0, 1, 0])),
            Contexts((1, Preauth), (8, [0, 0])),
            Contexts((1, Preauth), (8, [])),
        ];

        foreach (var list in lists) Assert.That(NegotiateRequest.TryParse(Negotiate([0x0311], list), out _), Is.False);
    }

    [Test]
    public void The_answer_to_Negotiate_is_read_as_it_was_written()
    {
        var target = new ArrayBufferWriter<byte>();
        new NegotiateResponse
        {
            SecurityMode = Smb2SecurityMode.SigningEnabled | Smb2SecurityMode.SigningRequired,
            Dialect = Smb2Dialect.Smb311,
            ServerGuid = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
            Capabilities = Smb2Capabilities.Leasing,
            MaxTransactBytes = 1,
            MaxReadBytes = 2,
            MaxWriteBytes = 3,
            SystemTime = 4,
            SecurityBuffer = new byte[] { 1, 2, 3 },
            Contexts = new NegotiateContexts
            {
                HashAlgorithms = [NegotiateContexts.Sha512],
                Salt = new byte[] { 7, 8, 9 },
                Ciphers = [Smb2CipherId.Aes256Gcm],
                SigningAlgorithms = [Smb2SigningAlgorithm.AesCmac],
            },
        }.Write(target);
        var message = Smb2Message.Of(target.WrittenSpan);

        Assert.That(NegotiateResponse.TryParse(message, out var read));
        Assert.That(read.Dialect, Is.EqualTo(Smb2Dialect.Smb311));
        Assert.That(read.SecurityBuffer.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(read.Contexts!.Salt.ToArray(), Is.EqualTo(new byte[] { 7, 8, 9 }));
        Assert.That(read.Contexts.Ciphers, Is.EqualTo(new[] { Smb2CipherId.Aes256Gcm }));
        Assert.That(read.Contexts.SigningAlgorithms, Is.EqualTo(new[] { Smb2SigningAlgorithm.AesCmac }));
        Smb2Message.AssertTruncations(message, static part => NegotiateResponse.TryParse(part, out _), message.Length);
    }

    [Test]
    public void An_empty_security_buffer_still_has_its_place()
    {
        var target = new ArrayBufferWriter<byte>();
        new NegotiateResponse { Dialect = Smb2Dialect.Smb210 }.Write(target);

        Assert.That(BinaryPrimitives.ReadUInt16LittleEndian(target.WrittenSpan[56..]), Is.EqualTo(128));
    }

    [Test]
    public void Smb1_says_which_dialects_of_SMB2_it_wants()
    {
        var message = Smb1("NT LM 0.12", "SMB 2.002", "SMB 2.???");

        Assert.That(Smb1Negotiate.TryParse(message, out var offer));
        Assert.That(offer, Is.EqualTo(new Smb1Negotiate(OffersSmb202: true, OffersWildcard: true)));
        Assert.That(Smb1Negotiate.TryParse(Smb1("NT LM 0.12"), out offer));
        Assert.That(offer, Is.EqualTo(default(Smb1Negotiate)));
        Smb2Message.AssertTruncations(message, static part => Smb1Negotiate.TryParse(part, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, static part => Smb1Negotiate.TryParse(part, out _));
    }

    [Test]
    public void Session_setup_is_read()
    {
        byte[] body = [25, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 88, 0, 3, 0, 9, 0, 0, 0, 0, 0, 0, 0, 5, 6, 7];
        var message = Smb2Message.Of(body);

        Assert.That(SessionSetupRequest.TryParse(message, out var request));
        Assert.That(request.Flags, Is.EqualTo(SessionSetupFlags.Binding));
        Assert.That(request.SecurityMode, Is.EqualTo(Smb2SecurityMode.SigningRequired));
        Assert.That(request.PreviousSessionId, Is.EqualTo(9));
        Assert.That(request.SecurityBuffer.ToArray(), Is.EqualTo(new byte[] { 5, 6, 7 }));
        Smb2Message.AssertTruncations(message, static part => SessionSetupRequest.TryParse(part, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, static part => SessionSetupRequest.TryParse(part, out _));
    }

    [Test]
    public void The_answer_to_session_setup_is_read_as_it_was_written()
    {
        var target = new ArrayBufferWriter<byte>();
        SessionSetupResponse.Write(target, SessionFlags.EncryptData, [1, 2, 3]);
        var message = Smb2Message.Of(target.WrittenSpan);

        Assert.That(SessionSetupResponse.TryParse(message, out var flags, out var token));
        Assert.That(flags, Is.EqualTo(SessionFlags.EncryptData));
        Assert.That(token.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void Tree_connect_is_read()
    {
        byte[] path = Encoding.Unicode.GetBytes(@"\\server\files");
        byte[] body = [9, 0, 0, 0, 72, 0, (byte)path.Length, 0, .. path];
        var message = Smb2Message.Of(body);

        Assert.That(TreeConnectRequest.TryParse(message, out var request));
        Assert.That(Encoding.Unicode.GetString(request.Path), Is.EqualTo(@"\\server\files"));
        Smb2Message.AssertTruncations(message, static part => TreeConnectRequest.TryParse(part, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, static part => TreeConnectRequest.TryParse(part, out _));
    }

    [Test]
    public void The_answer_to_tree_connect_is_read_as_it_was_written()
    {
        var response = new TreeConnectResponse(1, ShareFlags.EncryptData, ShareCapabilities.Dfs, 0x1F01FF);
        var body = new byte[TreeConnectResponse.BodyBytes];
        response.Write(body);

        Assert.That(TreeConnectResponse.TryParse(Smb2Message.Of(body), out var read));
        Assert.That(read, Is.EqualTo(response));
    }

    [Test]
    public void Error_data_is_found_again([Values] bool inContext)
    {
        var target = new ArrayBufferWriter<byte>();
        ErrorResponse.Write(target, [1, 2, 3, 4], inContext);
        var message = Smb2Message.Of(target.WrittenSpan);

        Assert.That(ErrorResponse.TryParse(message, out var data));
        Assert.That(data.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4 }));
        Smb2Message.AssertTruncations(message, static part => ErrorResponse.TryParse(part, out _), message.Length);
        Smb2Message.AssertNothingThrows(message, static part => ErrorResponse.TryParse(part, out _));
    }

    [Test]
    public void An_error_without_data_has_one_byte()
    {
        var target = new ArrayBufferWriter<byte>();
        ErrorResponse.Write(target, default, inContext: true);

        Assert.That(target.WrittenSpan.ToArray(), Is.EqualTo(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 0 }));
    }

    [Test]
    public void A_transform_header_must_say_what_is_there()
    {
        var frame = new byte[TransformHeader.Bytes + 80];
        using (var cipher = new Smb2Cipher(Smb2CipherId.Aes128Gcm, new byte[16])) cipher.Seal(frame, 42);

        Assert.That(TransformHeader.TryParse(frame, out var header));
        Assert.That(header, Is.EqualTo(new TransformHeader(80, TransformHeader.Encrypted, 42)));
        for (var length = 0; length < frame.Length; length++)
            Assert.That(TransformHeader.TryParse(frame.AsSpan(0, length), out _), Is.False);
    }

    private static byte[] Preauth => [1, 0, 2, 0, 1, 0, 0xAA, 0xBB];

    private static byte[] Negotiate(ushort[] dialects, byte[] contexts)
    {
        var body = new byte[36 + 2 * dialects.Length];
        body[0] = 36;
        body[2] = (byte)dialects.Length;
        body[4] = 1;
        for (var i = 0; i < dialects.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(body.AsSpan(36 + 2 * i), dialects[i]);
        if (contexts.Length == 0) return Smb2Message.Of(body);

        var start = (Smb2Header.Bytes + body.Length + 7) / 8 * 8;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(28), start);
        body[32] = contexts[0];
        var message = Smb2Message.Of(body);
        Array.Resize(ref message, start);
        return [.. message, .. contexts.AsSpan(1)];
    }

    // The number of contexts, and the contexts.
    private static byte[] Contexts(params (ushort Type, byte[] Data)[] contexts)
    {
        List<byte> list = [];
        foreach (var (type, data) in contexts)
        {
            while (list.Count % 8 != 0) list.Add(0);
            list.AddRange([(byte)type, (byte)(type >> 8), (byte)data.Length, 0, 0, 0, 0, 0, .. data]);
        }

        return [(byte)contexts.Length, .. list];
    }

    private static byte[] Smb1(params string[] dialects)
    {
        byte[] names = [.. dialects.SelectMany(name => (byte[])[2, .. Encoding.ASCII.GetBytes(name), 0])];
        return [0xFF, (byte)'S', (byte)'M', (byte)'B', 0x72, .. new byte[27], 0, (byte)names.Length, 0, .. names];
    }
}
