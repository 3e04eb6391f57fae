namespace Gateway.Repository.Tests;

/// <summary>The files of the repository, as a reader of the sources sees them.</summary>
internal static class SourceTree
{
    private static readonly string[] Skipped = [".git", "artifacts", "data", "TestResults"];

    /// <summary>The directory that holds <c>Gateway.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> All { get; } =
        [.. Walk(Root).Order(StringComparer.Ordinal).Select(path => new SourceFile(path, RelativePath(path)))];

    public static IEnumerable<SourceFile> CSharp => All.Where(file => file.HasEnding(".cs"));

    /// <summary>Everything a person wrote and a person reads.</summary>
    public static IEnumerable<SourceFile> Text =>
        All.Where(file => file.HasEnding(".cs", ".md", ".sh", ".csproj", ".props", ".json", ".yml", ".yaml")
            || !Path.HasExtension(file.Name) && file.FirstLine.StartsWith("#!", StringComparison.Ordinal));

    public static string RelativePath(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string FindRoot()
    {
        for (var directory = AppContext.BaseDirectory;
            directory is not null;
            directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "Gateway.sln")))
                return directory;
        }

        throw new InvalidOperationException("Gateway.sln is not above the test.");
    }

    private static IEnumerable<string> Walk(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory))
            yield return file;

        foreach (var child in Directory.EnumerateDirectories(directory))
        {
            if (Skipped.Contains(Path.GetFileName(child)) || Path.GetFileName(child) is "bin" or "obj")
                continue;

            foreach (var file in Walk(child))
                yield return file;
        }
    }
}
