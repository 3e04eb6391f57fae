using System.Security.Cryptography;
using System.Text;
using Gateway.Protocol.Ntlm;
using Gateway.Replication.Links;

namespace Gateway.Users;

/// <summary>
/// Seals the NT hashes of passwords with a key that follows from the cluster's secret. The hash is as good as the password
/// (NTLM asks for no more), so a copy of the control plane alone, such as a backup, must not give it away.
/// </summary>
/// <remarks>Threading: any.</remarks>
internal sealed class UserSecrets(ClusterSecret secret)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int SealedBytes = NonceBytes + NtHash.Bytes + TagBytes;

    private readonly byte[] _key = secret.DeriveKey("nasgate user secrets");

    public byte[] SealPassword(string user, string password)
    {
        var hash = NtHash.Of(password);
        var secret = Seal(user, hash);
        CryptographicOperations.ZeroMemory(hash);
        return secret;
    }

    /// <summary>A secret that no password has.</summary>
    public byte[] SealRandom(string user) => Seal(user, RandomNumberGenerator.GetBytes(NtHash.Bytes));

    /// <param name="user">Bound to the name: a secret moved to another user's record does not open.</param>
    /// <param name="ntHash">What is sealed.</param>
    public byte[] Seal(string user, ReadOnlySpan<byte> ntHash)
    {
        var result = new byte[SealedBytes];
        RandomNumberGenerator.Fill(result.AsSpan(0, NonceBytes));
        using var gcm = new AesGcm(_key, TagBytes);
        gcm.Encrypt(
            result.AsSpan(0, NonceBytes), ntHash, result.AsSpan(NonceBytes, NtHash.Bytes), result.AsSpan(^TagBytes..), Bound(user));
        return result;
    }

    /// <summary>False when it was sealed with another cluster's secret, or changed.</summary>
    public bool TryOpen(string user, ReadOnlySpan<byte> secret, Span<byte> ntHash)
    {
        if (secret.Length != SealedBytes) return false;

        using var gcm = new AesGcm(_key, TagBytes);
        try
        {
            gcm.Decrypt(
                secret[..NonceBytes], secret.Slice(NonceBytes, NtHash.Bytes), secret[^TagBytes..], ntHash[..NtHash.Bytes], Bound(user));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    private static byte[] Bound(string user) => Encoding.UTF8.GetBytes(user.ToUpperInvariant());
}
