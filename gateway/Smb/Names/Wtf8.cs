using System.Text;

namespace Gateway.Smb.Names;

/// <summary>
/// UTF-16 as clients send it against UTF-8, where a surrogate without its partner is written like any other code unit
/// ("WTF-8"): Windows lets names hold them.
/// </summary>
internal static class Wtf8
{
    /// <summary>Bytes that one UTF-16 code unit takes at most.</summary>
    public const int BytesPerUnitMax = 3;

    /// <summary>Takes one code unit or a surrogate pair off the text and writes it; returns the bytes written.</summary>
    public static int Encode(ref ReadOnlySpan<char> text, scoped Span<byte> destination)
    {
        if (text.Length > 1 && char.IsSurrogatePair(text[0], text[1]))
        {
            var rune = new Rune(text[0], text[1]);
            text = text[2..];
            return rune.EncodeToUtf8(destination);
        }

        var unit = text[0];
        text = text[1..];
        return Write(unit, destination);
    }

    /// <summary>Writes a code unit, also a surrogate, as UTF-8 would; returns the bytes written.</summary>
    public static int Write(char unit, scoped Span<byte> destination)
    {
        if (unit < 0x80)
        {
            destination[0] = (byte)unit;
            return 1;
        }

        if (unit < 0x800)
        {
            destination[0] = (byte)(0xC0 | (unit >> 6));
            destination[1] = (byte)(0x80 | (unit & 0x3F));
            return 2;
        }

        destination[0] = (byte)(0xE0 | (unit >> 12));
        destination[1] = (byte)(0x80 | ((unit >> 6) & 0x3F));
        destination[2] = (byte)(0x80 | (unit & 0x3F));
        return 3;
    }

    /// <summary>True when the bytes begin with a surrogate in the form of <see cref="Write"/>.</summary>
    public static bool TryReadSurrogate(ReadOnlySpan<byte> source, out char surrogate)
    {
        surrogate = default;
        if (source.Length < 3 || source[0] != 0xED || (source[1] & 0xE0) != 0xA0 || (source[2] & 0xC0) != 0x80)
            return false;
        surrogate = (char)(0xD000 | ((source[1] & 0x3F) << 6) | (source[2] & 0x3F));
        return true;
    }
}
