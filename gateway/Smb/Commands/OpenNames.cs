using Gateway.FileSystem;
using Gateway.FileSystem.Names;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2.Information;
using Gateway.Smb.Names;

namespace Gateway.Smb.Commands;

/// <summary>What the name of an open is called in each of the classes that tell it.</summary>
internal static class OpenNames
{
    /// <summary>Null when the name is gone.</summary>
    public static async ValueTask<string?> ShowAsync(
        Open open, FileInformationClass informationClass, CancellationToken cancellation)
    {
        if (informationClass == FileInformationClass.AlternateName) return Alternate(open);
        if (await open.PathAsync(cancellation) is not { } path) return null;

        var shown = SmbPath.ToWire(path);
        if (open.IsStream) shown += ":" + StreamNames.ToWire((await StoredStreamAsync(open, cancellation)).Span);

        // MS-FSCC 2.4.30: relative to the share, without a separator in front, which the other classes have (2.4.27).
        return informationClass == FileInformationClass.NormalizedName ? shown : "\\" + shown;
    }

    /// <summary>As it is stored, where the client may have written it in another case.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> StoredStreamAsync(Open open, CancellationToken cancellation)
    {
        var stream = await open.Tree.FindStreamAsync(open.File, open.StreamName, cancellation);
        return stream.Status == FileStatus.Ok ? stream.ActualName : open.StreamName;
    }

    /// <summary>The root has no name, so no other one either.</summary>
    private static string? Alternate(Open open) =>
        open.Name.IsEmpty ? null : ShortName.Of(open.Name.Span) ?? SmbNames.ToWire(open.Name.Span);
}
