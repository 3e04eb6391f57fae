using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>Seals and opens encrypted messages of one direction of a session, in place (MS-SMB2 2.2.41, 3.1.4.3).</summary>
/// <remarks>
/// A frame is the transform header followed by the message, or compound, it hides:
/// <code>
///  0 ProtocolId FD 'S' 'M' 'B'   4 Signature (16)   20 Nonce (16)   36 OriginalMessageSize   40 Reserved
/// 42 Flags | EncryptionAlgorithm: 1                 44 SessionId    52 message
/// </code>
/// Each direction has a key of its own and so an instance of its own. Nothing is allocated a call. Safe for use by many
/// threads.
/// </remarks>
public sealed class Smb2Cipher : IDisposable
{
    /// <summary>Bytes before the message in a frame.</summary>
    public const int HeaderBytes = 52;

    /// <summary>FD 'S' 'M' 'B' read as a little-endian number.</summary>
    private const uint ProtocolId = 0x424D53FD;

    private const int SignatureOffset = 4;
    private const int SignatureBytes = 16;
    private const int NonceOffset = 20;
    private const int SizeOffset = 36;
    private const int FlagsOffset = 42;
    private const int SessionIdOffset = 44;

    /// <summary>MS-SMB2 2.2.41: the unused bytes of the nonce field are zero.</summary>
    private const int CcmNonceBytes = 11;

    private const int GcmNonceBytes = 12;

    private readonly InstancePool<AesGcm>? _gcm;
    private readonly InstancePool<AesCcm>? _ccm;
    private ulong _sealed;

    public Smb2Cipher(Smb2CipherId id, ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyBytes(id)) throw new ArgumentException($"not a key of {id}", nameof(key));

        Id = id;
        var copy = key.ToArray();
        if (id is Smb2CipherId.Aes128Gcm or Smb2CipherId.Aes256Gcm)
            _gcm = new InstancePool<AesGcm>(() => new AesGcm(copy, SignatureBytes));
        else
            _ccm = new InstancePool<AesCcm>(() => new AesCcm(copy));
    }

    public Smb2CipherId Id { get; }

    /// <summary>Bytes of the keys of a cipher.</summary>
    public static int KeyBytes(Smb2CipherId id) => id switch
    {
        Smb2CipherId.Aes128Ccm or Smb2CipherId.Aes128Gcm => 16,
        Smb2CipherId.Aes256Ccm or Smb2CipherId.Aes256Gcm => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, "no cipher"),
    };

    /// <summary>Encrypts the message behind the first <see cref="HeaderBytes"/> bytes and writes those.</summary>
    public void Seal(Span<byte> frame, ulong sessionId)
    {
        var header = frame[..HeaderBytes];
        var message = frame[HeaderBytes..];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, ProtocolId);
        BinaryPrimitives.WriteUInt64LittleEndian(header[NonceOffset..], Interlocked.Increment(ref _sealed));
        BinaryPrimitives.WriteUInt32LittleEndian(header[SizeOffset..], (uint)message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[FlagsOffset..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[SessionIdOffset..], sessionId);
        Encrypt(header[NonceOffset..], message, header.Slice(SignatureOffset, SignatureBytes));
    }

    /// <summary>
    /// Decrypts the message behind the transform header; false, and nothing of the message left, when it is not what
    /// the client sealed. Checks of the header's fields against the connection are the caller's.
    /// </summary>
    public bool TryOpen(Span<byte> frame)
    {
        if (frame.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(frame) != ProtocolId
            || BinaryPrimitives.ReadUInt32LittleEndian(frame[SizeOffset..]) != (uint)(frame.Length - HeaderBytes))
        {
            return false;
        }

        var header = frame[..HeaderBytes];
        return TryDecrypt(header[NonceOffset..], frame[HeaderBytes..], header.Slice(SignatureOffset, SignatureBytes));
    }

    public void Dispose()
    {
        _gcm?.Dispose();
        _ccm?.Dispose();
    }

    // Authenticated besides the message is the header from the nonce on, which is also where the nonce is taken from.
    private void Encrypt(ReadOnlySpan<byte> authenticated, Span<byte> message, Span<byte> signature)
    {
        if (_gcm is not null)
        {
            var gcm = _gcm.Take();
            try
            {
                gcm.Encrypt(authenticated[..GcmNonceBytes], message, message, signature, authenticated);
            }
            finally
            {
                _gcm.Return(gcm);
            }
        }
        else
        {
            var ccm = _ccm!.Take();
            try
            {
                ccm.Encrypt(authenticated[..CcmNonceBytes], message, message, signature, authenticated);
            }
            finally
            {
                _ccm.Return(ccm);
            }
        }
    }

    private bool TryDecrypt(ReadOnlySpan<byte> authenticated, Span<byte> message, ReadOnlySpan<byte> signature)
    {
        try
        {
            if (_gcm is not null)
            {
                var gcm = _gcm.Take();
                try
                {
                    gcm.Decrypt(authenticated[..GcmNonceBytes], message, signature, message, authenticated);
                }
                finally
                {
                    _gcm.Return(gcm);
                }
            }
            else
            {
                var ccm = _ccm!.Take();
                try
                {
                    ccm.Decrypt(authenticated[..CcmNonceBytes], message, signature, message, authenticated);
                }
                finally
                {
                    _ccm.Return(ccm);
                }
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
