using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>Signs and checks messages with one signing key (MS-SMB2 3.1.4.1, 3.1.5.1).</summary>
/// <remarks>
/// A message is one element of a compound, header and body up to the next element, padding included. Everything that
/// the algorithms need besides the key is in its header. Nothing is allocated a call. Safe for use by many threads:
/// messages of a session are signed at the same time.
/// </remarks>
public sealed class Smb2Signer : IDisposable
{
    private const int KeyBytes = 16;
    private const int HeaderBytes = 64;
    private const int CommandOffset = 12;
    private const int FlagsOffset = 16;
    private const int MessageIdOffset = 24;
    private const int SignatureOffset = 48;
    private const int SignatureBytes = 16;

    private const uint ServerToRedirector = 0x1;
    private const uint Signed = 0x8;
    private const ushort CancelCommand = 0xC;

    private readonly byte[] _key;
    private readonly AesCmac? _cmac;
    private readonly InstancePool<AesGcm>? _gmac;

    public Smb2Signer(Smb2SigningAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes) throw new ArgumentException("signing keys have 16 bytes", nameof(key));

        Algorithm = algorithm;
        _key = key.ToArray();
        if (algorithm == Smb2SigningAlgorithm.AesCmac) _cmac = new AesCmac(key);
        if (algorithm == Smb2SigningAlgorithm.AesGmac)
            _gmac = new InstancePool<AesGcm>(() => new AesGcm(_key, SignatureBytes));
    }

    public Smb2SigningAlgorithm Algorithm { get; }

    /// <summary>Marks the message as signed and writes its signature.</summary>
    public void Sign(Span<byte> message)
    {
        var flags = message.Slice(FlagsOffset, sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(flags, BinaryPrimitives.ReadUInt32LittleEndian(flags) | Signed);

        Span<byte> signature = stackalloc byte[SignatureBytes];
        Compute(message, signature);
        signature.CopyTo(message[SignatureOffset..]);
    }

    /// <summary>Whether the signature of the message is right.</summary>
    /// <param name="message">The signature is taken out for the computation and put back.</param>
    public bool Verify(Span<byte> message)
    {
        if (message.Length < HeaderBytes) return false;

        var place = message.Slice(SignatureOffset, SignatureBytes);
        Span<byte> given = stackalloc byte[SignatureBytes];
        Span<byte> expected = stackalloc byte[SignatureBytes];
        place.CopyTo(given);
        Compute(message, expected);
        given.CopyTo(place);
        return CryptographicOperations.FixedTimeEquals(given, expected);
    }

    public void Dispose()
    {
        _cmac?.Dispose();
        _gmac?.Dispose();
    }

    private void Compute(Span<byte> message, Span<byte> signature)
    {
        message.Slice(SignatureOffset, SignatureBytes).Clear();
        switch (Algorithm)
        {
            case Smb2SigningAlgorithm.AesCmac:
                _cmac!.Compute(message, signature);
                break;
            case Smb2SigningAlgorithm.AesGmac:
                ComputeGmac(message, signature);
                break;
            default:
                Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
                HMACSHA256.HashData(_key, message, hash);
                hash[..SignatureBytes].CopyTo(signature);
                break;
        }
    }

    private void ComputeGmac(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        Span<byte> nonce = stackalloc byte[12];
        WriteGmacNonce(message, nonce);
        var gcm = _gmac!.Take();
        try
        {
            gcm.Encrypt(nonce, default, default(Span<byte>), signature, message);
        }
        finally
        {
            _gmac.Return(gcm);
        }
    }

    // The message id; then bit 0: the server sends, bit 1: a CANCEL, which has the id of what it cancels.
    private static void WriteGmacNonce(ReadOnlySpan<byte> message, Span<byte> nonce)
    {
        var fromServer = (BinaryPrimitives.ReadUInt32LittleEndian(message[FlagsOffset..]) & ServerToRedirector) != 0;
        var isCancel = BinaryPrimitives.ReadUInt16LittleEndian(message[CommandOffset..]) == CancelCommand;
        message.Slice(MessageIdOffset, sizeof(ulong)).CopyTo(nonce);
        BinaryPrimitives.WriteUInt32LittleEndian(nonce[sizeof(ulong)..], (fromServer ? 1u : 0u) | (isCancel ? 2u : 0u));
    }
}
