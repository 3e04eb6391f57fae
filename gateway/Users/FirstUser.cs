using System.Security.Cryptography;

namespace Gateway.Users;

/// <summary>The user that <c>nasgate up</c> makes on its first start, so that a share can be mounted at once.</summary>
internal static class FirstUser
{
    public const string Name = "nas";

    /// <summary>Letters that nobody takes for another; 32 of them, so five bits each.</summary>
    private const string Letters = "abcdefghjkmnpqrstuvwxyz023456789";

    private const int PartLetters = 5;
    private const int Parts = 4;

    /// <summary>The user's password if the user was made; null when there has been a user before.</summary>
    public static async Task<string?> TryMakeAsync(UserDirectory users, CancellationToken cancellation)
    {
        if (await users.IsFoundedAsync(cancellation)) return null;

        // A hundred random bits.
        var parts = Enumerable.Range(0, Parts).Select(_ => RandomNumberGenerator.GetString(Letters, PartLetters));
        var password = string.Join('-', parts);
        await users.AddAsync(new NewUser(Name, password), cancellation);
        return password;
    }
}
