using System.Security.Cryptography;
using Gateway.Replication.Links;

namespace Gateway.Admin;

/// <summary>
/// Seals what the administration says about users. Loopback is open to every local user, and any of them may listen on the
/// port while no gateway does: a request that opens comes from somebody who can read the cluster's secret, and only such a
/// one can read it or answer it.
/// </summary>
/// <remarks>A message is a nonce, the text encrypted by AES-256-GCM, and the tag. Threading: any.</remarks>
internal sealed class AdminSeal(ClusterSecret secret)
{
    public const int NonceBytes = 12;

    private const int TagBytes = 16;

    private readonly byte[] _key = secret.DeriveKey("nasgate administration");

    /// <param name="text">What is said.</param>
    /// <param name="context">What it belongs to: nothing for a request, the request for an answer.</param>
    public byte[] Seal(ReadOnlySpan<byte> text, ReadOnlySpan<byte> context)
    {
        var message = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(message.AsSpan(0, NonceBytes));
        using var gcm = new AesGcm(_key, TagBytes);
        gcm.Encrypt(
            message.AsSpan(0, NonceBytes), text, message.AsSpan(NonceBytes, text.Length), message.AsSpan(^TagBytes..), context);
        return message;
    }

    public bool TryOpen(ReadOnlySpan<byte> message, ReadOnlySpan<byte> context, out byte[] text)
    {
        text = [];
        if (message.Length < NonceBytes + TagBytes) return false;

        var opened = new byte[message.Length - NonceBytes - TagBytes];
        using var gcm = new AesGcm(_key, TagBytes);
        try
        {
            gcm.Decrypt(message[..NonceBytes], message[NonceBytes..^TagBytes], message[^TagBytes..], opened, context);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        text = opened;
        return true;
    }
}
