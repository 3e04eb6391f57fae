using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Spnego;

namespace Gateway.Tests.Smb.Authentication;

/// <summary>The client's half of NTLMv2 and SPNEGO, to log on against the server's, and to spoil any part of it.</summary>
internal sealed class NtlmClient
{
    public const string Ntlm = "1.3.6.1.4.1.311.2.2.10";
    public const string Kerberos = "1.2.840.113554.1.2.2";

    private const int PayloadOffset = 88;
    private const uint Flags = 0xE2888215;

    private readonly byte[] _negotiate = [.. "NTLMSSP\0"u8, 1, 0, 0, 0, 0x97, 0x82, 0x08, 0xE2, .. new byte[24]];
    private byte[] _challenge = [];
    private byte[] _mechanismList = [];

    public string User { get; init; } = "";

    public string Domain { get; init; } = "WORKGROUP";

    public string Password { get; init; } = "";

    public bool SendsMic { get; init; } = true;

    public bool SignsList { get; init; } = true;

    public bool UsesNtlmV1 { get; init; }

    /// <summary>Changes the last message before it is sent.</summary>
    public Action<byte[]> Spoil { get; init; } = _ => { };

    public byte[] SessionKey { get; private set; } = [];

    public byte[] RawNegotiate => _negotiate;

    public byte[] Init(params string[] mechanisms)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var mechanism in mechanisms) writer.WriteObjectIdentifier(mechanism);
        }

        _mechanismList = writer.Encode();
        writer.Reset();
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 0)))
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.2");
            using (writer.PushSequence(Field(0)))
            using (writer.PushSequence())
            {
                using (writer.PushSequence(Field(0))) writer.WriteEncodedValue(_mechanismList);
                using (writer.PushSequence(Field(2)))
                    writer.WriteOctetString(mechanisms[0] == Ntlm ? _negotiate : [1, 2, 3]);
            }
        }

        return writer.Encode();
    }

    public static byte[] Wrap(byte[] token, byte[]? listMic = null)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence(Field(1)))
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Field(2))) writer.WriteOctetString(token);
            if (listMic is not null)
            {
                using (writer.PushSequence(Field(3))) writer.WriteOctetString(listMic);
            }
        }

        return writer.Encode();
    }

    /// <summary>The answer to a challenge that came in SPNEGO.</summary>
    public byte[] Answer(byte[] response)
    {
        Assert.That(SpnegoResponse.TryParse(response, out var parsed));
        var authenticate = RawAnswer(parsed.ResponseToken.ToArray());
        return Wrap(authenticate, SignsList ? NtlmSigner.OfClient(SessionKey, (NtlmFlags)Flags).Sign(_mechanismList) : null);
    }

    public bool IsCountersigned(byte[] final) =>
        SpnegoResponse.TryParse(final, out var parsed)
        && parsed.State == SpnegoState.AcceptCompleted
        && NtlmSigner.OfServer(SessionKey, (NtlmFlags)Flags).Verify(_mechanismList, parsed.MechanismListMic);

    public byte[] RawAnswer(byte[] challenge)
    {
        _challenge = challenge;
        var serverChallenge = challenge.AsSpan(24, 8);
        var info = challenge.AsSpan(BinaryPrimitives.ReadInt32LittleEndian(challenge.AsSpan(44)));
        var responseKey = new byte[16];
        NtlmV2.ResponseKey(NtHash.Of(Password), User, Domain, responseKey);
        byte[] pairs = SendsMic ? [6, 0, 4, 0, 2, 0, 0, 0, .. info] : [.. info];
        byte[] blob = [1, 1, 0, 0, 0, 0, 0, 0, .. new byte[8], .. RandomNumberGenerator.GetBytes(8), 0, 0, 0, 0, .. pairs, 0, 0, 0, 0];
        var proof = Hmac(responseKey, [.. serverChallenge, .. blob]);
        var baseKey = Hmac(responseKey, proof);
        SessionKey = RandomNumberGenerator.GetBytes(16);

        // RC4 is its own inverse.
        var encryptedKey = new byte[16];
        NtlmV2.TryExportKey(NtlmFlags.KeyExchange, baseKey, SessionKey, encryptedKey);

        byte[] response = UsesNtlmV1 ? new byte[24] : [.. proof, .. blob];
        var message = Authenticate(response, encryptedKey);
        if (SendsMic)
        {
            Hmac(SessionKey, [.. _negotiate, .. _challenge, .. message]).CopyTo(message, NtlmAuthenticate.MicOffset);
        }

        Spoil(message);
        return message;
    }

    /// <summary>An AUTHENTICATE of nobody.</summary>
    public static byte[] Anonymous()
    {
        var message = new byte[PayloadOffset];
        NtlmMessage.Signature.CopyTo(message);
        message[8] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(60), Flags & ~(uint)NtlmFlags.KeyExchange);
        return message;
    }

    private byte[] Authenticate(byte[] response, byte[] encryptedKey)
    {
        using var payload = new MemoryStream();
        var message = new byte[PayloadOffset];
        NtlmMessage.Signature.CopyTo(message);
        message[8] = 3;
        Put(12, new byte[24]);
        Put(20, response);
        Put(28, Encoding.Unicode.GetBytes(Domain));
        Put(36, Encoding.Unicode.GetBytes(User));
        Put(44, []);
        Put(52, encryptedKey);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(60), Flags);
        return [.. message, .. payload.ToArray()];

        void Put(int offset, byte[] value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(offset), (ushort)value.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(offset + 2), (ushort)value.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(offset + 4), (uint)(PayloadOffset + payload.Length));
            payload.Write(value);
        }
    }

    private static byte[] Hmac(byte[] key, byte[] data)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, key);
        hmac.AppendData(data);
        return hmac.GetHashAndReset();
    }

    private static Asn1Tag Field(int number) => new(TagClass.ContextSpecific, number, isConstructed: true);
}
