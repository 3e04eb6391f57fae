using System.Text;

namespace Gateway.Smb.Names;

/// <summary>
/// Names of streams. Only SMB makes them, and they may hold nearly everything (MS-FSCC 2.1.5.3): they are stored as the
/// client wrote them, so that it reads the same again.
/// </summary>
internal static class StreamNames
{
    /// <summary>UTF-16 code units, as on NTFS.</summary>
    private const int UnitsMax = 255;

    public static bool IsAllowed(ReadOnlySpan<char> name) =>
        name.Length is > 0 and <= UnitsMax && !name.ContainsAny("\0/:\\");

    public static byte[] FromWire(ReadOnlySpan<char> name)
    {
        var buffer = new byte[name.Length * Wtf8.BytesPerUnitMax];
        var written = 0;
        while (!name.IsEmpty)
            written += Wtf8.Encode(ref name, buffer.AsSpan(written));
        return buffer[..written];
    }

    public static string ToWire(ReadOnlySpan<byte> name)
    {
        var text = new StringBuilder(name.Length);
        while (!name.IsEmpty)
        {
            if (Wtf8.TryReadSurrogate(name, out var surrogate))
            {
                text.Append(surrogate);
                name = name[3..];
            }
            else
            {
                Rune.DecodeFromUtf8(name, out var rune, out var taken);
                text.Append(rune.ToString());
                name = name[taken..];
            }
        }

        return text.ToString();
    }
}
