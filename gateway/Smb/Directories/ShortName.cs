namespace Gateway.Smb.Directories;

/// <summary>
/// Names of the form 8.3 for clients that ask for one (MS-FSCC 2.1.5.2.1). They are made of the long name alone and
/// are not stored: the first letters, four digits of a hash and a tilde, and the extension.
/// </summary>
/// <remarks>
/// NTFS counts (<c>LONGNA~1</c>) and stores; a hash gives the same short name for as long as the file has its long one,
/// without a row for each. Two names of a directory may share one in about one of a million pairs.
/// </remarks>
internal static class ShortName
{
    /// <summary>Eight characters, a dot, three.</summary>
    public const int CharsMax = 12;

    private const int StemMax = 8;
    private const int ExtensionMax = 3;
    private const int KeptLetters = 2;
    private const int HashDigits = 4;
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Allowed = "!#$%&'()-@^_`{}~";

    /// <summary>The name is one already, in either case.</summary>
    public static bool IsShort(ReadOnlySpan<char> name)
    {
        var dot = name.IndexOf('.');
        var stem = dot < 0 ? name : name[..dot];
        var extension = dot < 0 ? default : name[(dot + 1)..];
        return stem.Length is > 0 and <= StemMax
            && (dot < 0 || extension.Length is > 0 and <= ExtensionMax)
            && IsPlain(stem)
            && IsPlain(extension);
    }

    /// <summary>Writes the short name of a long one; gives its characters.</summary>
    public static int Make(ReadOnlySpan<char> name, Span<char> target)
    {
        var dot = name.LastIndexOf('.');
        if (dot <= 0) dot = name.Length;
        var length = Keep(name[..dot], target, KeptLetters);
        while (length < KeptLetters) target[length++] = '_';

        var hash = Hash(name);
        for (var digit = 0; digit < HashDigits; digit++)
        {
            target[length++] = Digits[(int)(hash % (uint)Digits.Length)];
            hash /= (uint)Digits.Length;
        }

        target[length++] = '~';
        target[length++] = Digits[(int)(hash % (uint)Digits.Length)];
        if (dot >= name.Length - 1) return length;

        var kept = Keep(name[(dot + 1)..], target[(length + 1)..], ExtensionMax);
        if (kept == 0) return length;
        target[length] = '.';
        return length + 1 + kept;
    }

    /// <summary>A name of the form that <see cref="Make"/> gives: it may stand for a long one.</summary>
    public static bool IsMade(ReadOnlySpan<char> name) =>
        name.Length is >= StemMax and <= CharsMax
        && name[StemMax - 2] == '~'
        && (name.Length == StemMax || name[StemMax] == '.')
        && IsShort(name);

    /// <summary>True when the short name, in either case, is that of the long one.</summary>
    public static bool IsOf(ReadOnlySpan<char> shortName, ReadOnlySpan<char> name)
    {
        Span<char> made = stackalloc char[CharsMax];
        return !IsShort(name) && shortName.Equals(made[..Make(name, made)], StringComparison.OrdinalIgnoreCase);
    }

    private static int Keep(ReadOnlySpan<char> name, Span<char> target, int most)
    {
        var kept = 0;
        foreach (var unit in name)
        {
            if (kept == most) break;
            if (char.IsAsciiLetterOrDigit(unit)) target[kept++] = char.ToUpperInvariant(unit);
        }

        return kept;
    }

    private static uint Hash(ReadOnlySpan<char> name)
    {
        var hash = Offset;
        foreach (var unit in name) hash = unchecked((hash ^ char.ToUpperInvariant(unit)) * Prime);

        // The last characters have moved only the low bits so far.
        return hash ^ (hash >> 15);
    }

    private static bool IsPlain(ReadOnlySpan<char> part)
    {
        foreach (var unit in part)
        {
            if (!char.IsAsciiLetterOrDigit(unit) && !Allowed.Contains(unit, StringComparison.Ordinal)) return false;
        }

        return true;
    }
}
