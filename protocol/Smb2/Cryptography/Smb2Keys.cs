using System.Security.Cryptography;

namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>The keys of a session, or the signing key of a channel, seen from the server (MS-SMB2 3.1.4.2, 3.3.5.5.3).</summary>
public sealed class Smb2Keys
{
    /// <summary>Bytes of Session.SessionKey, and of all keys except those of a 256-bit cipher.</summary>
    public const int SessionKeyBytes = 16;

    private Smb2Keys(byte[] signing, byte[] application, byte[]? decryption, byte[]? encryption)
    {
        Signing = signing;
        Application = application;
        Decryption = decryption;
        Encryption = encryption;
    }

    /// <summary>Signs both directions.</summary>
    public byte[] Signing { get; }

    /// <summary>For protocols on top, such as the ones in a pipe.</summary>
    public byte[] Application { get; }

    /// <summary>Of what the client sends; null without a cipher.</summary>
    public byte[]? Decryption { get; }

    /// <summary>Of what the server sends; null without a cipher.</summary>
    public byte[]? Encryption { get; }

    /// <param name="fullSessionKey">What authentication established, of any length.</param>
    /// <param name="preauthHash">Of the session (or of the channel that is bound), up to the last request; 3.1.1 only.</param>
    /// <param name="cipher">What the connection agreed on: <see cref="Smb2CipherId.Aes128Ccm"/> for 3.0 and 3.0.2.</param>
    public static Smb2Keys Derive(
        Smb2Dialect dialect, ReadOnlySpan<byte> fullSessionKey, ReadOnlySpan<byte> preauthHash, Smb2CipherId cipher)
    {
        // Session.SessionKey: the first 16 bytes, with zeros behind when there are fewer.
        Span<byte> sessionKey = stackalloc byte[SessionKeyBytes];
        sessionKey.Clear();
        fullSessionKey[..Math.Min(fullSessionKey.Length, SessionKeyBytes)].CopyTo(sessionKey);
        if (dialect < Smb2Dialect.Smb300) return new Smb2Keys(sessionKey.ToArray(), sessionKey.ToArray(), null, null);

        var is311 = dialect == Smb2Dialect.Smb311;
        var signing = is311
            ? Expand(sessionKey, "SMBSigningKey\0"u8, preauthHash, SessionKeyBytes)
            : Expand(sessionKey, "SMB2AESCMAC\0"u8, "SmbSign\0"u8, SessionKeyBytes);
        var application = is311
            ? Expand(sessionKey, "SMBAppKey\0"u8, preauthHash, SessionKeyBytes)
            : Expand(sessionKey, "SMB2APP\0"u8, "SmbRpc\0"u8, SessionKeyBytes);
        if (cipher == Smb2CipherId.None) return new Smb2Keys(signing, application, null, null);

        // Keys of 256 bits come from all that authentication established.
        var bytes = Smb2Cipher.KeyBytes(cipher);
        var source = bytes > SessionKeyBytes ? fullSessionKey : sessionKey;
        var decryption = is311
            ? Expand(source, "SMBC2SCipherKey\0"u8, preauthHash, bytes)
            : Expand(source, "SMB2AESCCM\0"u8, "ServerIn \0"u8, bytes);
        var encryption = is311
            ? Expand(source, "SMBS2CCipherKey\0"u8, preauthHash, bytes)
            : Expand(source, "SMB2AESCCM\0"u8, "ServerOut\0"u8, bytes);
        return new Smb2Keys(signing, application, decryption, encryption);
    }

    // SP800-108 in counter mode with HMAC-SHA256 and 32-bit counter and length: what the framework implements.
    private static byte[] Expand(ReadOnlySpan<byte> key, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, int bytes) =>
        SP800108HmacCounterKdf.DeriveBytes(key, HashAlgorithmName.SHA256, label, context, bytes);
}
