using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Gateway.Admin;

/// <summary>A request that expires: one recorded today does nothing tomorrow.</summary>
internal interface ITimedRequest
{
    /// <summary>Seconds since 1970.</summary>
    long IssuedAt { get; }
}

/// <summary>Opens sealed requests of one kind, sees that each is done once, and seals the answers.</summary>
/// <param name="seal">Of the cluster.</param>
/// <param name="context">What the requests are sealed for: one of another kind does not open.</param>
/// <param name="time">For how long a request is good.</param>
/// <param name="requestType">How a request is written.</param>
/// <param name="answerType">How an answer is written.</param>
/// <remarks>Threading: any.</remarks>
internal sealed class SealedRequests<TRequest, TAnswer>(
    AdminSeal seal, byte[] context, TimeProvider time, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType)
    where TRequest : class, ITimedRequest
{
    /// <summary>Longer than a request takes, shorter than somebody needs to find a use for an old one.</summary>
    private static readonly TimeSpan Validity = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();

    // Only who holds the secret can fill it, and what has expired goes.
    private readonly Dictionary<string, DateTimeOffset> _done = [];

    /// <summary>The sealed answer; null for a request that is not to be answered.</summary>
    public async Task<byte[]?> AnswerAsync(byte[] message, Func<TRequest, Task<TAnswer>> answer)
    {
        if (!seal.TryOpen(message, context, out var text)) return null;

        TRequest? request;
        try
        {
            request = JsonSerializer.Deserialize(text, requestType);
        }
        catch (JsonException)
        {
            return null;
        }

        if (request is null || !TryBegin(request, Convert.ToHexString(message.AsSpan(0, AdminSeal.NonceBytes)))) return null;

        return seal.Seal(JsonSerializer.SerializeToUtf8Bytes(await answer(request), answerType), message);
    }

    private bool TryBegin(TRequest request, string nonce)
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
