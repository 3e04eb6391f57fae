using System.Text.Json;
using Gateway.Users;

namespace Gateway.Admin;

/// <summary>Opens requests about users, sees that each is done once, and seals the answers.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class SealedUserRequests(UserDirectory users, AdminSeal seal, TimeProvider time)
{
    /// <summary>Longer than a request takes, shorter than somebody needs to find a use for an old one.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    // Only who holds the secret can fill it, and what has expired goes.
    private readonly Dictionary<string, DateTimeOffset> _done = [];

    /// <summary>The sealed answer; null for a request that is not to be answered.</summary>
    public async Task<byte[]?> AnswerAsync(byte[] message, CancellationToken cancellation)
    {
        if (!seal.TryOpen(message, default, out var text)) return null;

        UserRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(text, UserRequestJson.Default.UserRequest);
        }
        catch (JsonException)
        {
            return null;
        }

        if (request is null || !TryBegin(request, Convert.ToHexString(message.AsSpan(0, AdminSeal.NonceBytes)))) return null;

        var answer = await UserAdministration.DoAsync(users, request, cancellation);
        return seal.Seal(JsonSerializer.SerializeToUtf8Bytes(answer, UserRequestJson.Default.UserAnswer), message);
    }

    private bool TryBegin(UserRequest request, string nonce)
    {
        var now = time.GetUtcNow();
        if (Math.Abs((double)now.ToUnixTimeSeconds() - request.IssuedAt) > Validity.TotalSeconds) return false;

        lock (_gate)
        {
            foreach (var (old, expires) in _done)
            {
                if (expires < now) _done.Remove(old);
            }

            return _done.TryAdd(nonce, now + 2 * Validity);
        }
    }
}
