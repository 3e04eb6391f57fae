using System.Text;

namespace Gateway.FileSystem.Names;

/// <summary>
/// Names of the form 8.3 for clients that ask for one (MS-FSCC 2.1.5.2.1). They are made of the long name alone and are
/// not stored: the first two letters, a number of five digits with a tilde in it, and the extension.
/// </summary>
/// <remarks>
/// NTFS counts (<c>LONGNA~1</c>) and stores; a number made of the name gives the same short name for as long as the file
/// has its long one, and again when the name comes back, without a row for each. Two names of a directory share one in
/// about one of a million pairs or less; the older of them is then found by it.
/// </remarks>
internal static class ShortName
{
    /// <summary>Eight characters, a dot, three; all ASCII.</summary>
    public const int BytesMax = 12;

    /// <summary>One more than the greatest number.</summary>
    public const uint Numbers = 36 * 36 * 36 * 36 * 36;

    private const int StemMax = 8;
    private const int ExtensionMax = 3;
    private const int KeptLetters = 2;
    private const int DigitsBeforeTilde = 4;
    private const int TildeAt = KeptLetters + DigitsBeforeTilde;
    private const uint Offset = 2166136261;
    private const uint Prime = 16777619;

    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"u8;

    private static ReadOnlySpan<byte> Allowed => "!#$%&'()-@^_`{}~"u8;

    /// <summary>The name is one already, in either case, and needs no other.</summary>
    public static bool IsShort(ReadOnlySpan<byte> name)
    {
        var dot = name.IndexOf((byte)'.');
        var stem = dot < 0 ? name : name[..dot];
        var extension = dot < 0 ? default : name[(dot + 1)..];
        return stem.Length is > 0 and <= StemMax
            && (dot < 0 || extension.Length is > 0 and <= ExtensionMax)
            && IsPlain(stem)
            && IsPlain(extension);
    }

    /// <summary>Writes the short name of a long one; gives its bytes.</summary>
    public static int Make(ReadOnlySpan<byte> name, Span<byte> target)
    {
        var dot = name.LastIndexOf((byte)'.');
        if (dot <= 0) dot = name.Length;
        var length = Keep(name[..dot], target, KeptLetters);
        while (length < KeptLetters) target[length++] = (byte)'_';

        var number = NumberOf(name);
        for (var digit = 0; digit < DigitsBeforeTilde; digit++)
        {
            target[length++] = Digits[(int)(number % (uint)Digits.Length)];
            number /= (uint)Digits.Length;
        }

        target[length++] = (byte)'~';
        target[length++] = Digits[(int)number];
        if (dot >= name.Length - 1) return length;

        var kept = Keep(name[(dot + 1)..], target[(length + 1)..], ExtensionMax);
        if (kept == 0) return length;
        target[length] = (byte)'.';
        return length + 1 + kept;
    }

    /// <summary>The short name as text; null for a name that needs none.</summary>
    public static string? Of(ReadOnlySpan<byte> name)
    {
        if (IsShort(name)) return null;
        Span<byte> made = stackalloc byte[BytesMax];
        return Encoding.ASCII.GetString(made[..Make(name, made)]);
    }

    /// <summary>
    /// A name, in either case, of the form that <see cref="Make"/> gives: it may stand for a long one, and then for one
    /// with this <see cref="NumberOf"/>.
    /// </summary>
    public static bool IsMade(ReadOnlySpan<byte> name, out uint number)
    {
        number = 0;
        if (name.Length < StemMax || name[TildeAt] != '~' || (name.Length > StemMax && name[StemMax] != '.') || !IsShort(name))
            return false;

        for (var at = TildeAt + 1; at >= KeptLetters; at--)
        {
            if (at == TildeAt) continue;
            var digit = DigitOf(name[at]);
            if (digit >= Digits.Length) return false;
            number = (number * (uint)Digits.Length) + digit;
        }

        return true;
    }

    /// <summary>True when the short name, in either case, is that of the long one.</summary>
    public static bool IsOf(ReadOnlySpan<byte> shortName, ReadOnlySpan<byte> name)
    {
        Span<byte> made = stackalloc byte[BytesMax];
        return !IsShort(name) && Ascii.EqualsIgnoreCase(shortName, made[..Make(name, made)]);
    }

    /// <summary>Below <see cref="Numbers"/>; the same for every way of writing the name in upper and lower case.</summary>
    public static uint NumberOf(ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        var hash = Offset;
        foreach (var unit in CaseFolding.Fold(name, buffer)) hash = unchecked((hash ^ unit) * Prime);

        // The last bytes have moved only the low bits so far.
        return (hash ^ (hash >> 15)) % Numbers;
    }

    private static int Keep(ReadOnlySpan<byte> name, Span<byte> target, int most)
    {
        var kept = 0;
        foreach (var unit in name)
        {
            if (kept == most) break;
            if (char.IsAsciiLetterOrDigit((char)unit)) target[kept++] = (byte)char.ToUpperInvariant((char)unit);
        }

        return kept;
    }

    private static uint DigitOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - (uint)'0',
        >= (byte)'A' and <= (byte)'Z' => digit - (uint)'A' + 10,
        >= (byte)'a' and <= (byte)'z' => digit - (uint)'a' + 10,
        _ => uint.MaxValue,
    };

    private static bool IsPlain(ReadOnlySpan<byte> part)
    {
        foreach (var unit in part)
        {
            if (!char.IsAsciiLetterOrDigit((char)unit) && !Allowed.Contains(unit)) return false;
        }

        return true;
    }
}
