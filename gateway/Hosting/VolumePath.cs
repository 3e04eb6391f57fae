using System.Text;

namespace Gateway.Hosting;

/// <summary>Paths as a person names them on the command line: <c>/files/a/b</c>, or <c>a/b</c> within the volume.</summary>
internal static class VolumePath
{
    /// <summary>The volume that the path begins with, or null when it begins with none.</summary>
    public static string? VolumeOf(string path, Func<string, bool> isVolume)
    {
        if (!path.StartsWith('/')) return null;
        var first = path.Split('/', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(name => name != ".");
        return first is not null && isVolume(first) ? first : null;
    }

    /// <summary>The names from the volume's root down to the path; none for the root itself.</summary>
    public static IReadOnlyList<byte[]> Of(string path, string volume)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToList();
        if (path.StartsWith('/') && names.Count > 0 && names[0] == volume) names.RemoveAt(0);
        return [.. names.Select(Encoding.UTF8.GetBytes)];
    }
}
