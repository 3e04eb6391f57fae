using Gateway.FileSystem;

namespace Gateway.Smb.Names;

/// <summary>Names that a share shows with FILE_ATTRIBUTE_HIDDEN, whatever is stored: Unix hides what begins with a dot.</summary>
/// <remarks>Only what is shown changes. A file is opened, overwritten and found as if the attribute were not there.</remarks>
internal sealed class HiddenNames
{
    /// <summary>Every pattern is tried on every name of a listing.</summary>
    public const int PatternsMax = 16;

    public const int PatternCharsMax = 255;

    private readonly WildcardPattern[] _patterns;

    public HiddenNames(IEnumerable<string> patterns) => _patterns = [.. patterns.Select(pattern => new WildcardPattern(pattern))];

    public static HiddenNames None { get; } = new([]);

    /// <summary>False for a pattern that no name can match.</summary>
    public static bool IsPattern(string pattern) =>
        pattern.Length is > 0 and <= PatternCharsMax && !pattern.AsSpan().ContainsAny("\\/:|\0");

    /// <summary>A name as it is shown; the root of a share, which has none, is not hidden, and neither are "." and "..".</summary>
    public bool Contains(ReadOnlySpan<char> name)
    {
        if (_patterns.Length == 0 || name is "" or "." or "..") return false;
        foreach (var pattern in _patterns)
        {
            if (pattern.IsMatch(name)) return true;
        }

        return false;
    }

    /// <summary>The same for a name as it is stored.</summary>
    public bool Contains(ReadOnlySpan<byte> stored) => _patterns.Length != 0 && Contains(SmbNames.ToWire(stored));

    /// <summary>What is shown of a node that has this name.</summary>
    public NodeAttributes Show(ReadOnlySpan<char> name, NodeAttributes attributes) =>
        Contains(name) ? attributes with { Dos = attributes.Dos | DosAttributes.Hidden } : attributes;
}
