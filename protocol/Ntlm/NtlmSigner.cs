using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Protocol.Ntlm;

/// <summary>
/// Signs the messages of one direction with extended session security (MS-NLMP 3.4.4.2, 3.4.5.2, 3.4.5.3): what GSS_GetMIC
/// is for SPNEGO.
/// </summary>
/// <remarks>Each signature takes the next number and goes on in the key stream: messages in order, by one thread.</remarks>
public sealed class NtlmSigner
{
    public const int SignatureBytes = 16;

    private const int ChecksumOffset = 4;
    private const int ChecksumBytes = 8;
    private const int SequenceOffset = 12;

    private readonly byte[] _signingKey;
    private readonly Rc4? _sealing;
    private uint _sequence;

    private NtlmSigner(byte[] signingKey, Rc4? sealing)
    {
        _signingKey = signingKey;
        _sealing = sealing;
    }

    public static NtlmSigner OfClient(ReadOnlySpan<byte> exportedKey, NtlmFlags flags) => Make(
        exportedKey,
        flags,
        "session key to client-to-server signing key magic constant\0"u8,
        "session key to client-to-server sealing key magic constant\0"u8);

    public static NtlmSigner OfServer(ReadOnlySpan<byte> exportedKey, NtlmFlags flags) => Make(
        exportedKey,
        flags,
        "session key to server-to-client signing key magic constant\0"u8,
        "session key to server-to-client sealing key magic constant\0"u8);

    /// <summary>The signature of the next message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[SignatureBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(signature, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(signature.AsSpan(SequenceOffset), _sequence);

        Span<byte> hash = stackalloc byte[HMACMD5.HashSizeInBytes];
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, _signingKey);
        hmac.AppendData(signature.AsSpan(SequenceOffset));
        hmac.AppendData(message);
        hmac.GetHashAndReset(hash);
        var checksum = hash[..ChecksumBytes];
        _sealing?.Transform(checksum, checksum);
        checksum.CopyTo(signature.AsSpan(ChecksumOffset));
        _sequence = unchecked(_sequence + 1);
        return signature;
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        CryptographicOperations.FixedTimeEquals(Sign(message), signature);

    private static NtlmSigner Make(
        ReadOnlySpan<byte> exportedKey, NtlmFlags flags, ReadOnlySpan<byte> signingConstant, ReadOnlySpan<byte> sealingConstant)
    {
        // Without a key exchange the checksum is not encrypted (3.4.4.2).
        var sealing = (flags & NtlmFlags.KeyExchange) != 0
            ? new Rc4(Digest(exportedKey[..SealingKeyBytes(flags)], sealingConstant))
            : null;
        return new NtlmSigner(Digest(exportedKey, signingConstant), sealing);
    }

    private static int SealingKeyBytes(NtlmFlags flags)
    {
        if ((flags & NtlmFlags.Negotiate128) != 0) return 16;

        return (flags & NtlmFlags.Negotiate56) != 0 ? 7 : 5;
    }

    private static byte[] Digest(ReadOnlySpan<byte> key, ReadOnlySpan<byte> constant)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        md5.AppendData(key);
        md5.AppendData(constant);
        return md5.GetHashAndReset();
    }
}
