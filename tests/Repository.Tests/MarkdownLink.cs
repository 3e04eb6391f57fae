using System.Text.RegularExpressions;

namespace Gateway.Repository.Tests;

/// <summary>Inline links of Markdown, outside code.</summary>
internal static partial class MarkdownLink
{
    public static IEnumerable<string> TargetsOf(string markdown) =>
        Link().Matches(Code().Replace(markdown, "")).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("```.*?```|`[^`\n]*`", RegexOptions.Singleline)]
    private static partial Regex Code();
}
