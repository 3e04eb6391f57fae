using Gateway.FileSystem;
using Gateway.Smb.Apple;

namespace Gateway.Smb.Opens;

// What CHANGE_NOTIFY keeps with an open, and how its share shows the file.
internal sealed partial class SmbOpen
{
    public DirectoryWatch Changes { get; } = new();

    /// <summary>The share hides files of this name.</summary>
    public bool IsHiddenByName => File is { } file && Share.Hidden.Contains(file.Name.Span);

    /// <summary>The attributes as clients of this share see them.</summary>
    public NodeAttributes Show(in NodeAttributes attributes)
    {
        var shown = attributes with { Size = AppleStreams.ShownSize(Share, File!, attributes.Size) };
        return IsHiddenByName ? shown with { Dos = shown.Dos | DosAttributes.Hidden } : shown;
    }
}
