using System.Text;

namespace Gateway.Hosting;

/// <summary>Paths as a person names them on the command line: <c>/files/a/b</c>, or <c>a/b</c> within the volume.</summary>
internal static class VolumePath
{
    /// <summary>The names from the volume's root down to the path; none for the root itself.</summary>
    public static IReadOnlyList<byte[]> Of(string path, string volume)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(name => name != ".").ToList();
        if (path.StartsWith('/') && names.Count > 0 && names[0] == volume) names.RemoveAt(0);
        return [.. names.Select(Encoding.UTF8.GetBytes)];
    }
}
