using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Gateway.Protocol.Ntlm;

namespace Gateway.SmbClient;

/// <summary>The client's side of NTLMv2 (MS-NLMP 3.1.5.1, 3.3.2), with the message integrity code and without a key exchange.</summary>
[SuppressMessage("Security", "CA5351", Justification = "NTLMv2 is made of HMAC-MD5.")]
public sealed class NtlmClient(string user, string password, string domain = "")
{
    private const uint Flags = 0x62888201 & ~0x40000000u;
    private const int MicAt = 72;
    private const int PayloadAt = 88;

    private byte[] _negotiate = [];

    /// <summary>The session key, once <see cref="Authenticate"/> was called.</summary>
    public byte[] SessionKey { get; private set; } = [];

    /// <summary>Leaves the message integrity code out of the blob and the message.</summary>
    public bool WithoutMic { get; init; }

    /// <summary>What the response to the password is made of, to be made wrong.</summary>
    public Func<byte[], byte[]>? AlterResponse { get; init; }

    /// <summary>Makes the whole message wrong, as the last thing.</summary>
    public Func<byte[], byte[]>? AlterMessage { get; init; }

    public byte[] Negotiate()
    {
        _negotiate = new MessageWriter().Bytes("NTLMSSP\0"u8).U32(1).U32(Flags).U64(0).U64(0).U64(0x0F00_0000_0000_000A).ToArray();
        return _negotiate;
    }

    public byte[] Authenticate(ReadOnlySpan<byte> challenge)
    {
        var names = challenge.Slice(
            BinaryPrimitives.ReadInt32LittleEndian(challenge[44..]), BinaryPrimitives.ReadUInt16LittleEndian(challenge[40..]));
        var identity = HMACMD5.HashData(Hash(password), Encoding.Unicode.GetBytes(user.ToUpperInvariant() + domain));
        var blob = Blob(names);
        byte[] challenged = [.. challenge.Slice(24, 8), .. blob];
        var proof = HMACMD5.HashData(identity, challenged);
        SessionKey = HMACMD5.HashData(identity, proof);
        byte[] response = [.. proof, .. blob];
        if (AlterResponse is not null) response = AlterResponse(response);

        var message = Message(response);
        byte[] all = [.. _negotiate, .. challenge, .. message];
        if (!WithoutMic) HMACMD5.HashData(SessionKey, all).CopyTo(message, MicAt);
        return AlterMessage is null ? message : AlterMessage(message);
    }

    private static byte[] Hash(string password)
    {
        var hash = new byte[16];
        Md4.HashData(Encoding.Unicode.GetBytes(password), hash);
        return hash;
    }

    // NTLMv2_CLIENT_CHALLENGE, with the server's names and the flag that says a MIC is there.
    private byte[] Blob(ReadOnlySpan<byte> names)
    {
        var time = new byte[8];
        for (var at = 0; at + 4 <= names.Length;)
        {
            var kind = BinaryPrimitives.ReadUInt16LittleEndian(names[at..]);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(names[(at + 2)..]);
            if (kind == 7) names.Slice(at + 4, 8).CopyTo(time);
            if (kind == 0) names = names[..at];
            at += 4 + length;
        }

        var writer = new MessageWriter().U16(0x0101).U16(0).U32(0).Bytes(time).Bytes(RandomNumberGenerator.GetBytes(8)).U32(0);
        writer.Bytes(names);
        if (!WithoutMic) writer.U16(6).U16(4).U32(2);
        return writer.U32(0).U32(0).ToArray();
    }

    private byte[] Message(byte[] response)
    {
        var payload = new MessageWriter();
        var fields = new MessageWriter();
        foreach (var part in (byte[][])
            [new byte[24], response, Encoding.Unicode.GetBytes(domain), Encoding.Unicode.GetBytes(user), Encoding.Unicode.GetBytes("LAB"), []])
        {
            fields.U16(part.Length).U16(part.Length).U32((uint)(PayloadAt + payload.Length));
            payload.Bytes(part);
        }

        return new MessageWriter()
            .Bytes("NTLMSSP\0"u8).U32(3).Bytes(fields.ToArray()).U32(Flags).U64(0x0F00_0000_0000_000A).Zeros(16)
            .Bytes(payload.ToArray()).ToArray();
    }
}
