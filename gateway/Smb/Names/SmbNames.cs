using System.Buffers;
using System.Text;

namespace Gateway.Smb.Names;

/// <summary>
/// Names of files as clients write them (UTF-16) against names as the volume has them (bytes, UTF-8 by habit).
/// </summary>
/// <remarks>
/// Names that NFS made and Windows cannot show go through the private use area, to where macOS, Linux and Samba put
/// them as well: U+F001 to U+F01F are the control characters, U+F020 to U+F027 are <c>" * : &lt; &gt; ? \ |</c>,
/// U+F028 and U+F029 a space or a dot at the end. Bytes that are no UTF-8, and characters of a name that are in these
/// ranges themselves, become U+F700 plus the byte. What <see cref="ToWire(ReadOnlySpan{byte})"/> makes of a name leads
/// back to it and to no other.
/// </remarks>
internal static class SmbNames
{
    private const int FirstMapped = 0xF001;
    private const int LastMapped = 0xF029;
    private const int MappedPunctuation = 0xF020;
    private const int MappedSpace = 0xF028;
    private const int MappedDot = 0xF029;
    private const int EscapedBytes = 0xF700;

    /// <summary>In the order of U+F020 to U+F027.</summary>
    private const string Punctuation = "\"*:<>?\\|";

    /// <summary>Bytes that are shown as themselves wherever they stand in a name but at its end.</summary>
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        " !#$%&'()+,-.0123456789;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{}~\x7F"u8);

    private static readonly SearchValues<char> Forbidden = SearchValues.Create(
        "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\v\f\r\u000E\u000F\u0010\u0011\u0012\u0013\u0014\u0015\u0016"
        + "\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\"*/:<>?\\|");

    /// <summary>True when a component may stand in the name of a file (MS-FSCC 2.1.5.2); wildcards may not.</summary>
    public static bool IsAllowed(ReadOnlySpan<char> component) => !component.ContainsAny(Forbidden);

    public static string ToWire(ReadOnlySpan<byte> name)
    {
        Span<char> units = name.Length <= 256 ? stackalloc char[256] : new char[name.Length];
        return new string(units[..ToWire(name, units)]);
    }

    /// <summary>Writes the name; the destination holds at least a character for each byte. Returns the characters written.</summary>
    public static int ToWire(ReadOnlySpan<byte> name, Span<char> destination)
    {
        if (name.IsEmpty)
            return 0;
        if (!name.ContainsAnyExcept(Plain) && name[^1] is not ((byte)' ' or (byte)'.'))
            return Encoding.ASCII.GetChars(name, destination);
        var written = 0;
        while (!name.IsEmpty)
        {
            if (name[0] < 0x80)
            {
                destination[written++] = ShowAscii((char)name[0], atEnd: name.Length == 1);
                name = name[1..];
            }
            else
            {
                written += ShowOther(ref name, destination[written..]);
            }
        }

        return written;
    }

    /// <summary>The stored form of a component that a client sent.</summary>
    public static byte[] FromWire(ReadOnlySpan<char> component)
    {
        var bytesMax = component.Length * Wtf8.BytesPerUnitMax;
        var buffer = bytesMax <= 1024 ? stackalloc byte[1024] : new byte[bytesMax];
        var written = 0;
        while (!component.IsEmpty)
        {
            if (TryUnmap(component[0], out var stored))
            {
                buffer[written++] = stored;
                component = component[1..];
            }
            else
            {
                written += Wtf8.Encode(ref component, buffer[written..]);
            }
        }

        return buffer[..written].ToArray();
    }

    private static char ShowAscii(char unit, bool atEnd)
    {
        if (unit < 0x20)
            return (char)(FirstMapped - 1 + unit);
        if (atEnd && unit is (' ' or '.'))
            return (char)(unit == ' ' ? MappedSpace : MappedDot);
        var index = Punctuation.IndexOf(unit, StringComparison.Ordinal);
        return index < 0 ? unit : (char)(MappedPunctuation + index);
    }

    private static int ShowOther(ref ReadOnlySpan<byte> name, Span<char> destination)
    {
        if (Rune.DecodeFromUtf8(name, out var rune, out var taken) == OperationStatus.Done)
        {
            var isMeant = !IsOurs(rune.Value);
            var written = isMeant ? rune.EncodeToUtf16(destination) : Escape(name[..taken], destination);
            name = name[taken..];
            return written;
        }

        if (!Wtf8.TryReadSurrogate(name, out var surrogate))
        {
            destination[0] = (char)(EscapedBytes + name[0]);
            name = name[1..];
            return 1;
        }

        // Two halves next to each other would read as one character, which has other bytes.
        var wouldPair = char.IsHighSurrogate(surrogate)
            && Wtf8.TryReadSurrogate(name[3..], out var next)
            && char.IsLowSurrogate(next);
        if (wouldPair)
        {
            Escape(name[..3], destination);
            name = name[3..];
            return 3;
        }

        destination[0] = surrogate;
        name = name[3..];
        return 1;
    }

    private static int Escape(ReadOnlySpan<byte> bytes, Span<char> destination)
    {
        for (var index = 0; index < bytes.Length; index++)
            destination[index] = (char)(EscapedBytes + bytes[index]);
        return bytes.Length;
    }

    private static bool IsOurs(int character) =>
        character is >= FirstMapped and <= LastMapped or >= EscapedBytes + 0x80 and <= EscapedBytes + 0xFF;

    private static bool TryUnmap(char unit, out byte stored)
    {
        stored = 0;
        if (!IsOurs(unit))
            return false;
        stored = (int)unit switch
        {
            >= EscapedBytes => (byte)(unit - EscapedBytes),
            MappedSpace => (byte)' ',
            MappedDot => (byte)'.',
            >= MappedPunctuation => (byte)Punctuation[unit - MappedPunctuation],
            _ => (byte)(unit - FirstMapped + 1),
        };
        return true;
    }
}
