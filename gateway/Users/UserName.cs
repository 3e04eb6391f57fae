using System.Text.RegularExpressions;

namespace Gateway.Users;

/// <summary>
/// What a user may be called: ASCII letters, digits, '.', '_' and '-', at most 64, no '-' or '.' in front. Compared without
/// case, as SMB does. ASCII, so that every client and this server agree on what the upper case of a name is: NTLM hashes it.
/// </summary>
internal static partial class UserName
{
    public const int LengthMax = 64;

    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    public static bool IsValid(string name) => Form().IsMatch(name);

    /// <summary>The account in what a client calls its user: the part before '@' when it writes user@domain.</summary>
    public static string OfClient(string user)
    {
        var at = user.IndexOf('@', StringComparison.Ordinal);
        return at > 0 ? user[..at] : user;
    }

    /// <summary>A name from the network, fit for a log.</summary>
    public static string ForLog(string name)
    {
        var shown = name.Length > LengthMax ? name[..LengthMax] + "…" : name;
        return string.Create(shown.Length, shown, static (letters, text) =>
        {
            for (var i = 0; i < letters.Length; i++) letters[i] = char.IsControl(text[i]) || char.IsSurrogate(text[i]) ? '?' : text[i];
        });
    }

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
