using System.Text.RegularExpressions;

namespace Gateway.Repository.Tests;

/// <summary>What a reader must never meet.</summary>
public sealed partial class TidyTests
{
    private const int LineColumnsMax = 140;

    /// <summary>Tables of cases stand one case to a line.</summary>
    private const int TestLineColumnsMax = 200;
    private const int FileLinesMax = 600;

    /// <summary>Words of a specification or a format that happen to end like a forbidden name.</summary>
    private static readonly string[] SpecificationWords =
        ["FsInfo", "Fsinfo", "MonitorInfo", "LogBase", "PortmapService", "WccData"];

    [Test]
    public void NoRegions() => Assert.That(Places(SourceTree.CSharp, Region()), Is.Empty);

    [Test]
    public void NoUnfinishedWork() =>
        Assert.That(Places(SourceTree.CSharp.Where(NotThisProject), Unfinished()), Is.Empty);

    [Test]
    public void NoCommentedOutBannersOrFileHeaders() =>
        Assert.That(Places(SourceTree.CSharp.Where(NotThisProject), Banner()), Is.Empty);

    [Test]
    public void NoTypeNameThatSaysNothing()
    {
        var offenders =
            from file in SourceTree.CSharp
            from line in file.Lines
            let declaration = TypeDeclaration().Match(line)
            where declaration.Success
            let name = declaration.Groups["name"].Value
            where EmptyEnding().IsMatch(name)
                && !SpecificationWords.Any(word => name.EndsWith(word, StringComparison.Ordinal))
            select $"{file}: {name}";

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void LinesFitOnAScreen()
    {
        var offenders =
            from file in SourceTree.CSharp
            from place in file.Lines.Select((line, index) => (line, number: index + 1))
            where place.line.Length > (IsTest(file) ? TestLineColumnsMax : LineColumnsMax)
            select $"{file}:{place.number} has {place.line.Length} columns";

        Assert.That(offenders, Is.Empty);
    }

    private static bool IsTest(SourceFile file) => file.ToString()!.StartsWith("tests/", StringComparison.Ordinal);

    [Test]
    public void FilesCanBeReadInOneSitting()
    {
        var offenders = SourceTree.CSharp
            .Where(file => file.Lines.Count > FileLinesMax)
            .Select(file => $"{file} has {file.Lines.Count} lines");

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void IgnoredTestsSayWhy() =>
        Assert.That(Places(SourceTree.CSharp.Where(NotThisProject), IgnoredWithoutReason()), Is.Empty);

    [Test]
    public void NoPathsOfOneMachine() =>
        Assert.That(Places(SourceTree.Text.Where(NotThisProject), MachinePath()), Is.Empty);

    [Test]
    public void NoCarriageReturnsOrTabsInSources()
    {
        var offenders = SourceTree.CSharp
            .Where(file => File.ReadAllText(Path.Combine(SourceTree.Root, file.Name)).AsSpan().ContainsAny('\r', '\t'));

        Assert.That(offenders, Is.Empty);
    }

    [Test]
    public void TheTestsSeeTheRepository() =>
        Assert.That(SourceTree.CSharp.Count(), Is.GreaterThan(20), $"sources under {SourceTree.Root}");

    private static bool NotThisProject(SourceFile file) => !file.IsUnder("tests/Repository.Tests");

    private static IEnumerable<string> Places(IEnumerable<SourceFile> files, Regex pattern) =>
        from file in files
        from place in file.Lines.Select((line, index) => (line, number: index + 1))
        where pattern.IsMatch(place.line)
        select $"{file}:{place.number}: {place.line.Trim()}";

    [GeneratedRegex(@"^\s*#(end)?region\b")]
    private static partial Regex Region();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^\s*//\s*(={4,}|-{4,}|\*{4,}|Copyright\b)")]
    private static partial Regex Banner();

    [GeneratedRegex(@"^[\w\s]*\b(?:class|struct|record|interface|enum)\s+(?:class\s+|struct\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Util|Utilities|Service|Processor|Impl|Base|Data|Info)$")]
    private static partial Regex EmptyEnding();

    [GeneratedRegex(@"\[(Ignore|Explicit)(\(\s*(""\s*"")?\s*\))?\s*[\],]")]
    private static partial Regex IgnoredWithoutReason();

    [GeneratedRegex(@"(?<![\w.-])/(root|home|Users)/\w|[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
