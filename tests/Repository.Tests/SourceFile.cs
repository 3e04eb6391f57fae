namespace Gateway.Repository.Tests;

/// <summary>One file: its lines, and its path from the root with forward slashes.</summary>
internal sealed class SourceFile(string path, string name)
{
    private readonly Lazy<string[]> _lines = new(() => File.ReadAllLines(path));

    public string Name => name;

    public IReadOnlyList<string> Lines => _lines.Value;

    public string Text => string.Join('\n', _lines.Value);

    public string FirstLine => _lines.Value.FirstOrDefault("");

    public bool IsUnder(string folder) => name.StartsWith(folder + "/", StringComparison.Ordinal);

    public bool HasEnding(params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (name.EndsWith(ending, StringComparison.Ordinal))
                return true;
        }

        return false;
    }

    public override string ToString() => name;
}
