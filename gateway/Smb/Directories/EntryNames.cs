using System.Text;
using Gateway.FileSystem;
using Gateway.FileSystem.Names;
using Gateway.Smb.Names;

namespace Gateway.Smb.Directories;

/// <summary>The names of one entry at a time, as a listing shows them.</summary>
internal sealed class EntryNames
{
    /// <summary>A name of 255 bytes has no more characters than that.</summary>
    private const int NameCharsMax = FileSystemLimits.NameBytesMax + 1;

    private readonly char[] _name = new char[NameCharsMax];
    private readonly char[] _shortName = new char[ShortName.BytesMax];

    /// <summary>What is shown of a stored name, until the next one is asked for.</summary>
    public ReadOnlySpan<char> Show(scoped ReadOnlySpan<byte> stored)
    {
        // Mapped as a name, the dots would be escaped: only these two are allowed to end with one.
        if (!IsDots(stored)) return _name.AsSpan(0, SmbNames.ToWire(stored, _name));
        _name.AsSpan(0, stored.Length).Fill('.');
        return _name.AsSpan(0, stored.Length);
    }

    /// <summary>Its short name, until the next one is asked for; empty for a name that needs none.</summary>
    public ReadOnlySpan<char> ShowShort(scoped ReadOnlySpan<byte> stored)
    {
        if (IsDots(stored) || ShortName.IsShort(stored)) return default;
        Span<byte> made = stackalloc byte[ShortName.BytesMax];
        return _shortName.AsSpan(0, Encoding.ASCII.GetChars(made[..ShortName.Make(stored, made)], _shortName));
    }

    private static bool IsDots(ReadOnlySpan<byte> stored) => FileName.IsDot(stored) || FileName.IsDotDot(stored);
}
